import * as v from 'valibot'
import { StepFailed } from '../errors.ts'
import { findFirstSequence, readL1State } from '../rollup-manager.ts'
import { until } from '../wait.ts'
import { RESTORE } from '../way-back.ts'
import { buildAnew, type Reader } from './build-anew.ts'
import { lastBatch } from './capture.ts'
import type { Step } from './step.ts'

export const settle: Step = {
  name: 'settle',
  does: () => 'wait until every batch before the edge is on L1: the recovery has no other source',
  checks: ['the last sequenced batch on L1 is the one before the edge'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { l1, config } = context
    const last = lastBatch(context)
    const remedy = 'Read the log of the sequence sender. Start the node as always to let the chain go on.'
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
    'its log says that the recovery began, skipped each bad batch, and completed',
    'no error, and a new block at least every so often',
  ],
  interrupted: 'watch',
  failed: 'restore',
  async run(context) {
    const { l1, config, request } = context
    const last = lastBatch(context)
    const first = await findFirstSequence(l1, config.l1)
    if (first === undefined) throw new StepFailed('L1 has no batch of this rollup', RESTORE)
    const without = request.bad.length > 0
    const range = { l1block: String(first), stop: String(last) }
    return buildAnew(context, {
      step: without ? 'start-recovery-without' : 'start-recovery',
      parameters: without ? { ...range, bad: request.bad.join(',') } : range,
      reader: readRecovery(request.bad, first),
    })
  },
}

/** Reads a recovery's events: its word "done" counts only after a begin, and with every bad batch skipped. */
function readRecovery(bad: readonly bigint[], first: bigint): Reader {
  let skipped = new Set<bigint>()
  let begun = false
  return {
    take(event) {
      if (event.kind === 'recovery-began') begun = true
      if (event.kind === 'bad-batch-skipped') skipped.add(event.batch)
      if (event.kind !== 'recovery-done') return undefined
      const forgotten = bad.find((batch) => !skipped.has(batch))
      if (!begun) throw new StepFailed('it says that the recovery is done, and did not begin', RESTORE)
      if (forgotten !== undefined) throw new StepFailed(`it did not skip bad batch ${forgotten}`, RESTORE)
      return `rebuilt from L1 since its block ${first}, ${skipped.size} batches left out`
    },
    save: () => JSON.stringify({ begun, skipped: [...skipped].map(String) }),
    load(saved) {
      const state = v.parse(savedSchema, saved)
      begun = state.begun
      skipped = new Set(state.skipped)
    },
  }
}

const batchNumber = v.pipe(
  v.string(),
  v.transform((text) => BigInt(text)),
)
const savedSchema = v.pipe(v.string(), v.parseJson(), v.object({ begun: v.boolean(), skipped: v.array(batchNumber) }))
