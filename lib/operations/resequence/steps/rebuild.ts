import type { Context } from '../context.ts'
import { Interrupted, RESTORE, StepFailed } from '../errors.ts'
import { isTrouble, type LogEvent } from '../log-lines.ts'
import { countProcesses, launch, logPosition, readLog } from '../machine.ts'

/** Reads the effect of a start from the log. */
export type Reader = {
  /** Takes every event, in order; returns a text once all is done. */
  readonly take: (event: LogEvent) => string | undefined
  /** Saves and restores what it has read, so that another process can continue. */
  readonly save: () => string
  readonly load: (saved: string) => void
}

/** A start of the node for one purpose, and the reader of its log. */
export type Follow = {
  readonly step: string
  readonly parameters: Readonly<Record<string, string>>
  readonly reader: Reader
}

/** Events that only a node with progress writes. It can write batches without blocks, errors and endings for ever. */
const PROGRESS: ReadonlySet<LogEvent['kind']> = new Set(['behind', 'range', 'original', 'block', 'bad-batch-skipped'])

/**
 * Starts the node for one purpose and follows its log to the end. A resumed step only follows: a second start in place
 * would lose what the node held in memory.
 *
 * @throws StepFailed at the first error, when no block arrives for too long, or when the node is gone.
 */
export async function rebuild(context: Context, { step, parameters, reader }: Follow): Promise<string> {
  const { config, clock, say, signal, note, notes } = context
  let position = notes().position
  if (context.resumed && position !== undefined) {
    if ((await countProcesses(context)) === 0)
      throw new StepFailed('the node is gone, and was not seen to finish', RESTORE)
    const saved = notes().reader
    if (saved) reader.load(saved)
    say(`the node still runs: following it from where it ${saved ? 'was left' : 'began'}`)
  } else {
    position = await logPosition(context)
    await note({ position, reader: '' })
    // Judge by its log: a node that ends at once never answers.
    say(`started: ${await launch(context, step, parameters)}`)
  }
  let newest = clock.monotonic()
  let syncing = newest
  let blocks = 0
  let reported = 0
  for (;;) {
    const { events, next } = await readLog(context, position)
    for (const event of events) {
      if (isTrouble(event)) throw new StepFailed(`the node says: ${event.text}`, RESTORE)
      if (event.kind === 'block') blocks++
      const words = reader.take(event)
      if (words !== undefined) return words
    }
    if (events.some(({ kind }) => PROGRESS.has(kind))) newest = clock.monotonic()
    if (events.some(({ kind }) => kind === 'syncing')) syncing = clock.monotonic()
    if (blocks >= reported + 100) {
      reported = blocks
      say(`${blocks} blocks rebuilt`)
    }
    const more = next !== position
    position = next
    if (signal.aborted) {
      await note({ position, reader: reader.save() })
      throw new Interrupted('the node keeps building')
    }
    if (more) continue
    if ((await countProcesses(context)) === 0) throw new StepFailed('the node has ended before it was done', RESTORE)
    const still = clock.monotonic() - newest
    const silent = clock.monotonic() - Math.max(newest, syncing)
    if (silent > config.patience.stallMs) {
      throw new StepFailed(`no new block for ${Math.round(still / 1000)} s: the node is in a loop`, RESTORE)
    }
    if (still > Math.max(config.patience.stallMs, config.patience.syncMs)) {
      throw new StepFailed(`it has read L1 for ${Math.round(still / 1000)} s, and built no block`, RESTORE)
    }
    await clock.sleep(config.patience.pollMs, signal)
  }
}
