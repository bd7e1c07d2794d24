import { defineCommand } from 'citty'
import type { Request } from '../../lib/operations/resequence/operate.ts'
import type { ResequenceRequest } from '../../lib/operations/resequence/request.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton resequence`: re-sequences the batches of a cdk-erigon chain. Without --confirm it only prints the plan. */
export const resequence = defineCommand({
  meta: {
    name: 'resequence',
    description: 'Re-sequence the batches of a cdk-erigon chain after --batch; without --confirm, only print the plan',
  },
  args: {
    batch: { type: 'string', valueHint: 'number', description: 'the last batch to keep' },
    confirm: { type: 'string', valueHint: 'batch:hash', description: 'the kept batch and the hash of its last block' },
    from: { type: 'string', valueHint: 'stream|l1', description: "the node's data stream (default), or L1" },
    bad: { type: 'string', valueHint: 'numbers', description: 'with --from l1: batches to skip, e.g. 71,74' },
    'no-strict': { type: 'boolean', description: 'a batch may become several: a lower counter limit' },
    'no-reuse': { type: 'boolean', description: "do not keep each block's L1 info index" },
    'dry-run': { type: 'boolean', description: 'print the plan, even with --confirm' },
    resume: { type: 'boolean', description: 'continue the run that has not finished' },
    restore: { type: 'boolean', description: 'roll the run back: restore the backup' },
    ...globals,
    config: { type: 'string', valueHint: 'file', required: true, description: 'as in docs/resequence.md' },
  },
  async run({ args }) {
    const asked = readAsked(args)
    const { operatorName } = await import('../connect.ts')
    const { untilInterrupted } = await import('../session.ts')
    const { write } = await import('../output.ts')
    const { withResequence } = await import('../with-resequence.ts')
    const { loadResequenceConfig } = await import('../../lib/operations/resequence/config.ts')
    const operate = await import('../../lib/operations/resequence/operate.ts')
    const { renderPlan } = await import('../../lib/operations/resequence/text.ts')
    const by = operatorName()
    const config = await loadResequenceConfig(args.config)
    const say = (message: string) => process.stderr.write(`${new Date().toISOString()} ${message}\n`)
    const signal = asked.act === 'plan' ? new AbortController().signal : untilInterrupted()
    return await withResequence({ config, by, say, signal, alone: asked.act !== 'plan' }, async (runContext) => {
      if (asked.act === 'plan') {
        const plan = await operate.planResequence(runContext, { ...asked.wish, by })
        write(args, 'resequence', plan, () => renderPlan(plan))
        return exitCodes.ok.code
      }
      const run =
        asked.act === 'begin'
          ? await operate.begin(runContext, { ...asked.request, by })
          : asked.act === 'resume'
            ? await operate.resume(runContext)
            : await operate.goBack(runContext, asked.keep)
      write(args, 'resequence', run, () => `run ${run.number}: ${run.entries.at(-1)?.words}`)
      return exitCodes.ok.code
    })
  },
})

type Asked =
  | { readonly act: 'plan'; readonly wish: Omit<Request, 'by'> }
  | { readonly act: 'begin'; readonly request: Omit<ResequenceRequest, 'by'> }
  | { readonly act: 'resume' }
  | { readonly act: 'restore'; readonly keep: ResequenceRequest['keep'] }

type Args = {
  readonly batch?: string | undefined
  readonly confirm?: string | undefined
  readonly from?: string | undefined
  readonly bad?: string | undefined
  readonly strict?: boolean | undefined
  readonly reuse?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
  readonly resume?: boolean | undefined
  readonly restore?: boolean | undefined
}

function readAsked(args: Args): Asked {
  const keep = args.confirm === undefined ? undefined : readConfirmation(args.confirm)
  if (args.resume && args.restore) throw new UsageError('--resume and --restore exclude each other', 'Give one.')
  if (args.resume) return { act: 'resume' }
  if (args.restore) {
    if (keep) return { act: 'restore', keep }
    throw new UsageError('--restore needs --confirm', 'Confirm with the kept batch and its hash.')
  }
  if (args.batch === undefined) throw new UsageError('resequence needs --batch', 'Name the last batch to keep.')
  const batch = readNumber('batch', args.batch)
  const { from = 'stream' } = args
  if (from !== 'stream' && from !== 'l1') throw new UsageError(`--from ${from} is unknown`, 'Write stream or l1.')
  const bad = (args.bad ?? '').split(',').flatMap((text) => (text === '' ? [] : [readNumber('bad', text)]))
  const how = { from, bad, strict: args.strict !== false, reuse: args.reuse !== false } as const
  if (!keep || args['dry-run']) return { act: 'plan', wish: { ...how, batch } }
  if (keep.batch !== batch) {
    throw new UsageError(`--batch ${batch} and --confirm ${keep.batch} differ`, 'Confirm the batch that is kept.')
  }
  return { act: 'begin', request: { ...how, keep } }
}

function readConfirmation(text: string): ResequenceRequest['keep'] {
  const [, batch, hash] = /^(\d{1,18}):(0x[0-9a-fA-F]{64})$/.exec(text) ?? []
  if (batch !== undefined && hash !== undefined) {
    return { batch: BigInt(batch), hash: hash.toLowerCase() as `0x${string}` }
  }
  throw new UsageError(`--confirm ${text} is not a confirmation`, 'Write batch:hash as the plan shows it.')
}

function readNumber(name: string, text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text)
  throw new UsageError(`--${name} ${text} is not a batch number`, 'Write it in decimal.')
}
