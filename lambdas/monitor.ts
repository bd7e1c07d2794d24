import * as v from 'valibot'
import { chainMetrics } from '../lib/lambda/chain-metrics.ts'
import { openChains } from '../lib/lambda/chains.ts'
import { readEnvironment } from '../lib/lambda/environment.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { paceOf, watching } from '../lib/lambda/pace.ts'
import { openStores } from '../lib/lambda/stores.ts'
import { watchChain } from '../lib/lambda/watch-chain.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { parameterStore } from '../lib/store/parameters.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const open = openStores(environment, watching(environment.chains.length))
const chains = openChains(environment, open, parameterStore(environment.region), log)

/** How long a run monitors. Runs start each minute, so two overlap for 55 of these seconds. */
const WATCH_MS = 115_000
/** Time for the longest turn (a start that needs several attempts) before Lambda ends the run. */
const MARGIN_MS = 20_000

/**
 * The monitor of every chain, started each minute by EventBridge Scheduler; the event is empty.
 *
 * One run at a time is active for a chain, by the monitor lease (item `monitor#<chain>`), whose owner is the run's
 * request id. The others sample the nodes too and stay warm: they have seen each node more than once, and act in the
 * same turn in which they get the lease.
 *
 * - **Hand-over.** A run stops after 115 s, or 20 s before Lambda would end it, between two turns, and releases the
 * lease. The next run has requested it once a turn for 55 s, so it takes over within a turn: one second.
 * - **A run that dies** (killed, out of memory, timed out in a turn) leaves a lease that expires 4 s after its last
 * renewal, which is due every other second: the standby takes over within 5 s (16 s with 50 chains or more). It
 * completes unfinished work, since every act is decided afresh from the records.
 * - **A missed start** (throttled, failed) costs the standby, not the active run. If the next start is missed too, no
 * monitor runs from second 115 to the next start. Commits continue: they need no monitor. The metric MonitorTicks shows
 * it.
 * - **Deploy.** Active runs finish on the old code; the next start runs the new code.
 * - **A chain with an unreadable configuration** fails this run at its end; the other chains are monitored as usual.
 */
export const handler = wrap(v.unknown(), async (_, context) => {
  const left = context.getRemainingTimeInMillis() - MARGIN_MS
  const signal = AbortSignal.timeout(Math.max(0, Math.min(WATCH_MS, left)))
  const pace = paceOf(chains.ids.length)
  const runs = chains.ids.map(async (chain, i) => {
    const metrics = chainMetrics(environment.name, chain)
    try {
      await watchChain(await chains.ports(chain), metrics, { ...pace(i), owner: context.awsRequestId, signal })
    } catch (error) {
      metrics.add('TickErrors', 1)
      metrics.flush()
      throw error
    }
  })
  const failed = (await Promise.allSettled(runs)).flatMap((run) => (run.status === 'rejected' ? [run.reason] : []))
  if (failed.length === 1) throw failed[0]
  if (failed.length > 1) throw new AggregateError(failed, failed.map(String).join('; '))
})
