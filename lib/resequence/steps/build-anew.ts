import type { Context } from '../context.ts'
import { Interrupted, StepFailed } from '../errors.ts'
import type { LogEvent } from '../log-lines.ts'
import { countProcesses, launch, logPosition, readLog } from '../machine.ts'
import { RESTORE } from '../way-back.ts'

/** Follows what a start leads to; `take` gets every event and returns words once all is done. */
export type Follow = {
  readonly step: string
  readonly parameters: Readonly<Record<string, string>>
  readonly take: (event: LogEvent) => string | undefined
}

/**
 * Starts the node for one purpose and follows its log to the end. Resumed, it only follows: started a
 * second time in place, the node would lose what it held in memory.
 *
 * @throws StepFailed at the first trouble, when no block comes for too long, or when the node is gone.
 */
export async function buildAnew(context: Context, { step, parameters, take }: Follow): Promise<string> {
  const { config, clock, say, signal, note, notes } = context
  let position = notes().position
  if (context.resumed && position !== undefined) {
    if ((await countProcesses(context)) === 0)
      throw new StepFailed('the node is gone, and was not seen to finish', RESTORE)
    say('the node still runs: following it from where it began')
  } else {
    position = await logPosition(context)
    await note({ position })
    // Its log tells the rest: a node that ends at once never answers.
    say(`started: ${await launch(context, step, parameters)}`)
  }
  let newest = clock.now()
  let blocks = 0
  let told = 0
  for (;;) {
    const { events, next } = await readLog(context, position)
    for (const event of events) {
      if (event.kind === 'trouble') throw new StepFailed(`the node says: ${event.text}`, RESTORE)
      if (event.kind === 'block') blocks++
      const words = take(event)
      if (words !== undefined) return words
    }
    if (events.some(({ kind }) => kind !== 'batch')) newest = clock.now()
    if (blocks >= told + 100) {
      told = blocks
      say(`${blocks} blocks built anew`)
    }
    const more = next !== position
    position = next
    if (more) continue
    if (signal.aborted) throw new Interrupted('the node goes on building')
    if ((await countProcesses(context)) === 0) throw new StepFailed('the node has ended before it was done', RESTORE)
    const still = clock.now() - newest
    if (still > config.patience.stallMs) {
      throw new StepFailed(`no new block for ${Math.round(still / 1000)} s: the node is in a loop`, RESTORE)
    }
    await clock.sleep(config.patience.pollMs, signal)
  }
}
