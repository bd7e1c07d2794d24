import type { ChainPorts } from '../monitor/ports.ts'
import type { Snapshot } from '../monitor/snapshot.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { BlockFeed } from './block-feed.ts'

/** What was seen last: shown on while the store does not answer. */
export type Latest = { ticked?: Ticked } & Pick<Snapshot, 'history' | 'monitor'>

/** What the page shows now. */
export async function takeSnapshot(ports: ChainPorts, latest: Latest, feed: BlockFeed): Promise<Snapshot> {
  const { chain, history, monitorLease, clock, nodes, policy } = ports
  const waiting: Ticked = {
    view: { now: clock.now(), nodes, policy, trails: {} },
    decision: { condition: 'observing', commands: [], reasons: [], page: [], verdicts: [] },
  }
  const [records, monitor] = await Promise.all([
    history.list(chain.id, { limit: 50 }).catch(() => latest.history),
    monitorLease.read(chain.id).catch(() => latest.monitor),
  ])
  Object.assign(latest, { history: records, monitor })
  const { ticked = waiting } = latest
  return { chain, ...ticked, history: records, blocks: feed.recent(), ...(monitor && { monitor }) }
}
