import { withoutBatches } from '../block-range.ts'
import type { Step } from '../context.ts'
import { RESTORE, StepFailed } from '../errors.ts'
import { failures, judge } from '../predicates.ts'
import { until } from '../wait.ts'
import { readSighting, readTipBatch } from '../zk-node.ts'

export const verify: Step = {
  name: 'verify',
  does: ({ strict }) => `compare what there is with what there was: P0 to P${strict ? 8 : 7}`,
  checks: ['every required predicate of docs/resequence.md holds'],
  interrupted: 'repeat',
  failed: 'restore',
  async run(context) {
    const { node, request, config, say } = context
    const { keep } = request
    const before = withoutBatches(await context.before(), request.bad)
    const { unwoundTo } = context.notes()
    const remedy = 'Read the log of the sequencer, then --resume, or go back with --restore.'
    const awaited = { what: 'the sequencer answers what it has', ms: config.patience.startMs, remedy }
    const after = await until(context, awaited, async () => {
      return await readSighting(node, keep.batch, await readTipBatch(node), config.prefix)
    })
    // Without a batch, the blocks after it have other parents, so they cannot be the same.
    const judgements = judge(
      { before, after, unwoundTo: unwoundTo === undefined ? undefined : BigInt(unwoundTo) },
      { strict: request.strict && request.bad.length === 0 },
    )
    for (const { name, holds, required, claim, evidence } of judgements) {
      say(`${holds ? '✓' : required ? '✗' : '·'} ${name} ${claim}: ${evidence}`)
    }
    const broken = failures(judgements)
    if (broken.length > 0) {
      const words = broken.map(({ name, claim, evidence }) => `${name} (${claim}) is broken: ${evidence}`)
      throw new StepFailed(words.join('; '), RESTORE)
    }
    const last = after.range.blocks.at(-1)
    if (!last) throw new StepFailed('there is no block after the kept ones', RESTORE)
    await context.note({ number: String(last.number), hash: last.hash })
    return judgements.map(({ name, holds }) => `${name} ${holds ? 'holds' : 'differs (allowed)'}`).join(', ')
  },
}
