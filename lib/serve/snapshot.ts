import type { Snapshot } from '../context/inspect.ts'
import type { ChainPorts } from '../context/ports.ts'
import { type Failing, failingReason } from '../monitor/run.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { BlockFeed } from './block-feed.ts'

/** The last observation, shown while the store does not answer. */
export type Latest = { ticked?: Ticked; failing?: Failing } & Pick<Snapshot, 'history' | 'monitor'>

/** What the page shows now. */
export async function takeSnapshot(ports: ChainPorts, latest: Latest, feed: BlockFeed): Promise<Snapshot> {
  const { chain, history, monitorLease, clock, nodes, policy } = ports
  const waiting: Ticked = {
    view: { now: clock.now(), nodes, policy, observed: {} },
    decision: { condition: 'observing', commands: [], reasons: [], page: [], verdicts: [] },
  }
  const [records, monitor] = await Promise.all([
    history.list(chain.id, { limit: 50 }).catch(() => latest.history),
    monitorLease.read(chain.id).catch(() => latest.monitor),
  ])
  Object.assign(latest, { history: records, monitor })
  const ticked = reportFailing(latest.ticked ?? waiting, latest.failing, clock.now())
  return { chain, ...ticked, history: records, blocks: feed.recent(), ...(monitor && { monitor }) }
}

/** While no turn succeeds, the last decision no longer holds: report the chain as halted, with the reason. */
function reportFailing({ view, decision }: Ticked, failing: Failing | undefined, now: number): Ticked {
  if (!failing) return { view, decision }
  const why = failingReason(failing, now)
  return { view, decision: { ...decision, condition: 'halted', commands: [], reasons: [why], page: [why] } }
}
