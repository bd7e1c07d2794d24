import type { Endpoints, Step } from '../context.ts'
import { ResequenceRefused, ZkNodeFailed } from '../errors.ts'
import { checkFlags } from '../programs.ts'
import type { ResequenceRequest } from '../request.ts'
import {
  isSequenceEnd,
  type L1State,
  readL1State,
  readNewest,
  rollbackTransaction,
  simulateRollback,
} from '../rollup-manager.ts'
import { readBatch, readLastBlock, readTip, readTipBatch, readVersion } from '../zk-node.ts'

/** The result of the first check. */
export type Outlook = {
  readonly version: string
  readonly tip: bigint
  readonly l1: L1State
  /** Sequences on L1 above the kept batch must be rolled back there first. */
  readonly needsRollback: boolean
}

/**
 * Checks that the chain can be unwound to the kept batch, after {@link checkFlags}. Changes nothing.
 *
 * @throws ResequenceRefused with what prevents it.
 */
export async function examine(endpoints: Endpoints, { keep, from, bad }: ResequenceRequest): Promise<Outlook> {
  if (keep.batch === 0n) throw new ResequenceRefused('batch 0 is the genesis', 'Name the last good batch.')
  const { node, l1, config } = endpoints
  const tip = await readTipBatch(node)
  const state = await readL1State(l1, config.l1)
  const { verified, sequenced } = state
  if (keep.batch >= tip) {
    throw new ResequenceRefused(`batch ${keep.batch} is not below the newest, ${tip}`, 'There is nothing after it.')
  }
  if (keep.batch < verified) {
    const remedy = `Name batch ${verified} or a later one: what is proven stays.`
    throw new ResequenceRefused(`batch ${verified} is verified on L1, above ${keep.batch}`, remedy)
  }
  if (tip - keep.batch > BigInt(config.mostBatches)) {
    const remedy = 'The node holds all of them in memory. Name a later batch, or raise mostBatches.'
    throw new ResequenceRefused(`${tip - keep.batch} batches are more than ${config.mostBatches}`, remedy)
  }
  const strange = bad.find((batch) => batch <= keep.batch || batch > tip)
  if (strange !== undefined) {
    throw new ResequenceRefused(`bad batch ${strange} is not after the kept one`, 'Name batches that are rebuilt.')
  }
  if (bad.length > 0 && from === 'stream') {
    throw new ResequenceRefused('only a recovery from L1 can leave batches out', 'Add --from l1.')
  }
  if (from === 'l1' && keep.batch > sequenced) {
    const remedy = `Wait until a sequence on L1 ends with it, or name batch ${sequenced}.`
    throw new ResequenceRefused(`batch ${keep.batch} is not on L1 yet: nothing can be rolled back to it`, remedy)
  }
  await checkKept(endpoints, keep)
  const needsRollback = keep.batch < sequenced
  if (needsRollback) await checkRollback(endpoints, state, keep.batch)
  const version = await readVersion(node)
  for (const follower of endpoints.followers) await readTip(follower.rpc)
  return { version, tip, l1: state, needsRollback }
}

async function checkKept({ node }: Endpoints, { batch, hash }: ResequenceRequest['keep']): Promise<void> {
  const last = await readLastBlock(node, batch)
  if (last.hash !== hash) {
    const remedy = `Ask for the plan again (without --confirm) and compare it with what you know of the chain.`
    throw new ResequenceRefused(`batch ${batch} ends with block ${last.number} ${last.hash}, not ${hash}`, remedy)
  }
  if (!(await readBatch(node, batch)).closed) {
    throw new ResequenceRefused(`batch ${batch} is not closed`, 'Name an earlier batch, or wait until it is closed.')
  }
}

async function checkRollback({ l1, config }: Endpoints, state: L1State, batch: bigint): Promise<void> {
  if (!(await isSequenceEnd(l1, config.l1, state, batch))) {
    const remedy = 'L1 can only roll back to the last batch of a sequence: name one.'
    throw new ResequenceRefused(`batch ${batch} is in the middle of a sequence on L1`, remedy)
  }
  try {
    await simulateRollback(l1, rollbackTransaction(config.l1, state, batch))
  } catch (error) {
    if (!(error instanceof ZkNodeFailed)) throw error
    const remedy = 'Check the roles on the rollup manager, and the addresses in the configuration.'
    throw new ResequenceRefused(`L1 would refuse the rollback: ${error.message}`, remedy)
  }
}

export const check: Step = {
  name: 'check',
  does: ({ keep }) => `check whether everything after batch ${keep.batch} may be rebuilt; changes nothing`,
  checks: [
    'the node and its tool have every flag the run needs, by their own help',
    'verified on L1 ≤ kept batch < newest batch',
    'the kept batch is closed and ends with the confirmed hash',
    'if L1 has later batches: the kept one ends a sequence, and L1 would accept the rollback',
    'each follower answers',
  ],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    await checkFlags(context, context.request)
    // Read before the check it bounds: any later rollback is newer.
    const l1Block = await readNewest(context.l1)
    const { version, tip, l1, needsRollback } = await examine(context, context.request)
    await context.note({ rollback: String(needsRollback), l1Block: String(l1Block) })
    return `${version}: newest batch ${tip}, on L1 ${l1.sequenced}, verified ${l1.verified}`
  },
}
