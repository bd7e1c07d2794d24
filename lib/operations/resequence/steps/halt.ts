import type { Context, Step } from '../context.ts'
import { StepFailed } from '../errors.ts'
import { isTrouble } from '../log-lines.ts'
import { countProcesses, logPosition, readLog, startNode, stopNode } from '../machine.ts'
import { until } from '../wait.ts'
import { readBatch, readTipBatch } from '../zk-node.ts'

/**
 * The node compares for equality: it misses a batch that began while it was starting, and then never halts. So aim this
 * far ahead of the newest batch, and further ahead at each retry.
 */
const AHEAD = [2n, 8n, 32n] as const

export const halt: Step = {
  name: 'halt',
  does: () => 'start the sequencer so that it halts at the edge of a batch soon to come',
  checks: ['the log says that it halts before that batch', 'the batch before it is the newest one, and closed'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const looks = [...goOn(context), ...AHEAD.map((ahead) => () => haltAhead(context, ahead))]
    for (const look of looks) {
      const edge = await look()
      if (edge === undefined) continue
      await context.note({ edge: String(edge), halting: '' })
      return `halted before batch ${edge}; batch ${edge - 1n} is closed`
    }
    throw new StepFailed('the sequencer did not halt: its batches come too fast', 'Run it again with --resume.')
  },
}

/** The halt an earlier process began: another start, to halt further ahead, would only take longer. */
function goOn(context: Context) {
  const { halting, haltFrom, haltStarted } = context.notes()
  if (!context.continued || !halting || !haltFrom) return []
  return [
    async () => {
      // What runs may be the former process, on its way to its end.
      if (haltStarted !== halting) return await restartToHalt(context, BigInt(halting))
      if ((await countProcesses(context)) === 0) await startNode(context, 'start-halting', { batch: halting })
      return await awaitHalt(context, BigInt(halting), haltFrom)
    },
  ]
}

/** Starts it to halt this far ahead. Returns as {@link awaitHalt}. */
async function haltAhead(context: Context, ahead: bigint): Promise<bigint | undefined> {
  const edge = (await readTipBatch(context.node)) + ahead
  // Before the stop: from here on the node may not answer.
  await context.note({ halting: String(edge), haltFrom: await logPosition(context) })
  return await restartToHalt(context, edge)
}

async function restartToHalt(context: Context, edge: bigint): Promise<bigint | undefined> {
  await stopNode(context)
  // The former process's last lines do not belong to this start.
  const position = await logPosition(context)
  await context.note({ haltFrom: position, haltStarted: String(edge) })
  await startNode(context, 'start-halting', { batch: String(edge) })
  return await awaitHalt(context, edge, position)
}

/** It is not restarted: one that is gone does not come back. A single look may come between two processes. */
const CERTAIN_LOOKS = 2

/** The batch it halted before; `undefined` = it ran past that batch. */
async function awaitHalt(context: Context, edge: bigint, from: string): Promise<bigint | undefined> {
  const { node, config, begunAt: since } = context
  let position = from
  let halted = false
  let gone = 0
  const remedy = 'Read the node’s log. Start it as always (systemctl start cdk-erigon) to let the chain continue.'
  const awaited = { what: `the sequencer halts before batch ${edge}`, ms: config.patience.haltMs, since, remedy }
  return until(context, awaited, async () => {
    const { events, next } = await readLog(context, position)
    position = next
    const trouble = events.find(isTrouble)
    if (trouble) throw new StepFailed(`the sequencer says: ${trouble.text}`, remedy)
    halted ||= events.some((event) => event.kind === 'halted' && event.batch === edge)
    const tip = await readTipBatch(node).catch(async (error: unknown) => {
      gone = (await countProcesses(context)) === 0 ? gone + 1 : 0
      if (gone >= CERTAIN_LOOKS) throw new StepFailed('the sequencer has ended before it halted', remedy)
      throw error
    })
    gone = 0
    if (tip > edge) return { past: true }
    if (!halted || tip !== edge - 1n) return undefined
    return (await readBatch(node, tip)).closed ? { past: false } : undefined
  }).then(({ past }) => (past ? undefined : edge))
}
