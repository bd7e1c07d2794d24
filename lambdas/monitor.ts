import * as v from 'valibot'
import { deployedFirst } from '../lib/lambda/chain-config.ts'
import { chainMetrics } from '../lib/lambda/chain-metrics.ts'
import { openChains } from '../lib/lambda/chains.ts'
import { readEnvironment } from '../lib/lambda/environment.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { openStores } from '../lib/lambda/stores.ts'
import { watchChain } from '../lib/lambda/watch-chain.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { HAND_OVER_MS, paceOf, watching } from '../lib/monitor/pace.ts'
import { parameterStore } from '../lib/store/parameters.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const open = openStores(environment, watching(environment.chains.length))
const chains = openChains(environment, open, deployedFirst(parameterStore(environment.region), environment), log)

/** The longest a run monitors: two starts may be missed, and no time is without a monitor. */
const WATCH_MS = 140_000
/** Time for the longest turn (a start that needs several attempts) before Lambda ends the run. */
const MARGIN_MS = 20_000

/**
 * The monitor of every chain, started each minute by EventBridge Scheduler; the event is empty.
 *
 * One run at a time is active for a chain, by the monitor lease (item `monitor#<chain>`), whose owner is the run's
 * request id. Its successor samples the nodes too and stays warm: it has seen each node more than once, and acts in the
 * same turn in which it gets the lease.
 *
 * - **Hand-over.** A run says in the lease that it waits. Six seconds later the active one ends, between two turns and
 * never in the middle of a move, and releases the lease; the next turn of the successor takes it. So a run lasts some 69
 * s. The start may come at any second of its minute: the active run waits for it.
 * - **A missed start** (throttled, failed) costs nothing: without a successor the active run goes on for 140 s, or until
 * 20 s before Lambda would end it. If two are missed, no monitor runs from then to the next start. Commits continue:
 * they need no monitor. The metric Paging has no samples then.
 * - **A run that dies** (killed, out of memory, timed out in a turn) leaves a lease that expires 4 s after its last
 * renewal (15 s with 50 chains or more). A failed run is reported by an event, which starts another one at once; if
 * that start fails too, the next scheduled one comes within a minute. The new run completes unfinished work, since
 * every act is decided afresh from the records.
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
      await watchChain(await chains.ports(chain), metrics, {
        ...pace(i),
        owner: context.awsRequestId,
        handOverMs: HAND_OVER_MS,
        signal,
      })
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
