import { lastKept, withoutBatches } from '../block-range.ts'
import type { Context, Step } from '../context.ts'
import { StepFailed } from '../errors.ts'
import { readSighting, readTipBatch } from '../zk-node.ts'

/** The newest batch before the one the sequencer halts at. */
export function lastBatch({ notes }: Context): bigint {
  const { edge } = notes()
  if (edge === undefined) throw new StepFailed('the run has no edge noted', 'Begin a new run.')
  return BigInt(edge) - 1n
}

export const capture: Step = {
  name: 'capture',
  does: ({ keep }) => `read every block and batch after ${keep.batch} from the halted sequencer, and keep the list`,
  checks: [
    'the newest batch is still the one before the edge',
    'the kept batch ends with the confirmed hash',
    'each batch is closed, and there is a block to rebuild',
  ],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { node, request, config } = context
    const { keep } = request
    const last = lastBatch(context)
    const sighting = await readSighting(node, keep.batch, last, config.prefix)
    const tip = await readTipBatch(node)
    if (tip !== last)
      throw new StepFailed(`batch ${tip} came after ${last}: it did not halt`, 'Run it again with --resume.')
    if (lastKept(sighting).hash !== keep.hash) {
      throw new StepFailed(
        `batch ${keep.batch} now ends with ${lastKept(sighting).hash}`,
        'Begin a new run, with a new plan.',
      )
    }
    const open = sighting.range.batches.find(({ closed }) => !closed)
    if (open) throw new StepFailed(`batch ${open.number} is not closed`, 'Run it again with --resume.')
    if (withoutBatches(sighting, request.bad).range.blocks.length === 0) {
      const remedy = 'Go back with --restore: nothing has been changed.'
      throw new StepFailed('there is no block to rebuild after the kept batch', remedy)
    }
    await context.keepBefore(sighting)
    const { blocks, batches } = sighting.range
    const transactions = blocks.reduce((sum, block) => sum + block.transactions.length, 0)
    return `${batches.length} batches, ${blocks.length} blocks, ${transactions} transactions`
  },
}
