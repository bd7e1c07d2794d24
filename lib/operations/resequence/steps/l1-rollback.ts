import type { Step } from '../context.ts'
import { findRollback, readFinalized, readL1State, rollbackTransaction } from '../rollup-manager.ts'
import { until } from '../wait.ts'

export const l1Rollback: Step = {
  name: 'l1-rollback',
  does: ({ keep }) =>
    `wait until you have rolled L1 back to batch ${keep.batch}; prints the transaction for the rollup's admin`,
  checks: [
    'L1 names the kept batch as the last sequenced one',
    'the event of the rollback, newer than this run, is in a finalized block',
  ],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { l1, config, request, say } = context
    const { batch } = request.keep
    const state = await readL1State(l1, config.l1)
    const since = BigInt(context.notes().l1Block ?? config.l1.firstBlock)
    if (state.sequenced <= batch && context.notes().rollback !== 'true') {
      return `not needed: L1 ends at batch ${state.sequenced}`
    }
    if (state.sequenced > batch) {
      const { from, to, data } = rollbackTransaction(config.l1, state, batch)
      say(`send this transaction on L1, from ${from} or a leader of UPDATE_ROLLUP_ROLE:\n  to ${to}\n  data ${data}`)
    }
    const remedy = 'Send the transaction, then run it again with --resume. Or go back with --restore.'
    const awaited = {
      what: `L1 is rolled back to batch ${batch}, and final`,
      ms: config.patience.rollbackMs,
      since: context.begunAt,
      remedy,
    }
    return until(context, awaited, async () => {
      const { sequenced } = await readL1State(l1, config.l1)
      const rolledBack = await findRollback(l1, config.l1, batch, since)
      if (sequenced !== batch || rolledBack === undefined) return undefined
      const finalized = await readFinalized(l1)
      return finalized >= rolledBack ? `L1 ends at batch ${batch} since its block ${rolledBack}, final` : undefined
    })
  },
}
