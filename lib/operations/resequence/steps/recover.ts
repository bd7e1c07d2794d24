import * as v from 'valibot'
import type { Step } from '../context.ts'
import { RESTORE, StepFailed } from '../errors.ts'
import { programs } from '../programs.ts'
import { findSequence, readL1State } from '../rollup-manager.ts'
import { until } from '../wait.ts'
import { lastBatch } from './capture.ts'
import { type Reader, rebuild } from './rebuild.ts'

export const settle: Step = {
  name: 'settle',
  does: () => 'wait until every batch before the edge is on L1: the recovery has no other source',
  checks: ['the last sequenced batch on L1 is the one before the edge'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { l1, config } = context
    const last = lastBatch(context)
    const remedy = 'Read the log of the sequence sender. Start the node as always to let the chain continue.'
    const awaited = { what: `batch ${last} is on L1`, ms: config.patience.settleMs, since: context.begunAt, remedy }
    return until(context, awaited, async () => {
      const { sequenced, verified } = await readL1State(l1, config.l1)
      return sequenced === last ? `L1 has batch ${sequenced}, ${verified} is verified` : undefined
    })
  },
}

export const recover: Step = {
  name: 'recover',
  does: ({ bad }) =>
    `start the sequencer to rebuild the batches from L1${bad.length > 0 ? `, without ${bad.join(', ')}` : ''}`,
  checks: [
    'its log reports each batch after the kept one, in order, and skips each bad one',
    'its word "completed" counts only with all of that, and for the batch after the last',
    'no error, and a new block at least every so often',
  ],
  interrupted: 'watch',
  failed: 'restore',
  async run(context) {
    const { l1, config, request } = context
    const { keep, bad } = request
    const last = lastBatch(context)
    const first = await findSequence(l1, config.l1, keep.batch)
    if (first === undefined) throw new StepFailed('L1 has no batch of this rollup', RESTORE)
    const range = { l1block: String(first), stop: String(last) }
    return rebuild(context, {
      step: programs.recover(request),
      parameters: bad.length > 0 ? { ...range, bad: bad.join(',') } : range,
      reader: readRecovery({ keep: keep.batch, last, bad, first }),
    })
  },
}

/** The required log of a complete recovery. `first` is the L1 block it begins at. */
export type Recovery = {
  readonly keep: bigint
  readonly last: bigint
  readonly bad: readonly bigint[]
  readonly first: bigint
}

/**
 * Reads a recovery's events. At the tip of a chain that was not unwound it says "completed" at once, and its start line
 * proves nothing: it must reach each batch after the kept one, in order, and skip each bad one.
 */
export function readRecovery({ keep, last, bad, first }: Recovery): Reader {
  let skipped = new Set<bigint>()
  let next = keep + 1n
  const fail = (message: string) => new StepFailed(message, RESTORE)
  return {
    take(event) {
      if (event.kind === 'bad-batch-skipped') skipped.add(event.batch)
      // A batch may take several rounds.
      if (event.kind === 'recovering' && event.batch !== next - 1n) {
        if (event.batch !== next) throw fail(`it comes to batch ${event.batch}, not ${next}`)
        next++
      }
      if (event.kind !== 'recovery-done') return undefined
      if (next === keep + 1n) throw fail('it says that the recovery is done, and has rebuilt nothing')
      if (next <= last) throw fail(`it says that the recovery is done, and did not come to batch ${next}`)
      if (event.batch <= last) throw fail(`it found no data on L1 for batch ${event.batch}`)
      const forgotten = bad.find((batch) => !skipped.has(batch))
      if (forgotten !== undefined) throw fail(`it did not skip bad batch ${forgotten}`)
      return `batches ${keep + 1n} to ${last} were rebuilt from L1 since its block ${first}, ${skipped.size} left out`
    },
    save: () => JSON.stringify({ next: String(next), skipped: [...skipped].map(String) }),
    load(saved) {
      const state = v.parse(savedSchema, saved)
      next = state.next
      skipped = new Set(state.skipped)
    },
  }
}

const batchNumber = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
)
const savedSchema = v.pipe(v.string(), v.parseJson(), v.object({ next: batchNumber, skipped: v.array(batchNumber) }))
