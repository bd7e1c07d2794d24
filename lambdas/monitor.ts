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

/** How long a run watches. Runs start each minute, so for 55 of these seconds there are two. */
const WATCH_MS = 115_000
/** The longest turn (a start that has to be tried again and again) still fits before Lambda ends the run. */
const MARGIN_MS = 20_000

/**
 * The monitor of every chain, started each minute by EventBridge Scheduler; the event says nothing.
 *
 * One run at a time is active for a chain, by the monitor lease (item `monitor#<chain>`), whose owner
 * is the run's request id. The others look at the nodes all the same and are warm: they have seen
 * each of them more than once, and act in the very turn in which they get the lease.
 *
 * - **Hand-over.** A run stops after 115 s, or 20 s before Lambda would end it, in the pause between
 *   two turns, and releases the lease. The next run has asked for it once a turn for 55 s, so it goes
 *   on within a turn: one second.
 * - **A run that dies** (killed, out of memory, timed out in a turn) leaves a lease that is over 4 s
 *   after its last renewal, which is due every other second: the standby goes on within 5 s (16 s when
 *   there are 50 chains or more). What was half done is finished by it, since every act is decided
 *   anew from the records.
 * - **A start that is missed** (throttled, failed) costs the standby, not the active run. If the next
 *   one is missed too, nobody watches from second 115 to the next start. Commits go on: they need no
 *   monitor. The metric MonitorTicks tells.
 * - **Deploy.** Runs under way end as they are, on the old code; the next start runs the new.
 * - **A chain whose configuration cannot be read** fails this run at its end, after the other chains
 *   were watched as always.
 */
export const handler = wrap(v.unknown(), async (_, context) => {
  const left = context.getRemainingTimeInMillis() - MARGIN_MS
  const signal = AbortSignal.timeout(Math.max(0, Math.min(WATCH_MS, left)))
  const pace = paceOf(chains.ids.length)
  const runs = chains.ids.map(async (chain, i) => {
    try {
      await watchChain(await chains.ports(chain), { ...pace(i), owner: context.awsRequestId, signal })
    } catch (error) {
      const metrics = chainMetrics(chain)
      metrics.add('TickErrors', 1)
      metrics.flush()
      throw error
    }
  })
  const failed = (await Promise.allSettled(runs)).flatMap((run) => (run.status === 'rejected' ? [run.reason] : []))
  if (failed.length === 1) throw failed[0]
  if (failed.length > 1) throw new AggregateError(failed, failed.map(String).join('; '))
})
