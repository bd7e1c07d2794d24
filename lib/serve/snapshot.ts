import type { CommittedBlock, Snapshot } from '../context/inspect.ts'
import type { ChainPorts } from '../context/ports.ts'
import { type Failing, failingReason } from '../monitor/run.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { Head } from '../protocol/records.ts'
import type { HeadStore } from '../store/stores.ts'

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

/** Number of committed blocks kept for display. */
const KEPT = 60

/** The newest committed blocks, as this process's gate wrote them. */
export type BlockFeed = {
  /** The head store for the gate. */
  readonly heads: HeadStore
  /** Newest first. */
  recent(): readonly CommittedBlock[]
  /** Calls back after each commit; returns how to stop that. */
  subscribe(changed: () => void): () => void
}

/** Observes the commits that pass through a head store, without touching the hot path. */
export function blockFeed(heads: HeadStore): BlockFeed {
  const blocks: CommittedBlock[] = []
  const listeners = new Set<() => void>()
  const note = async (chain: string) => {
    const head: Head | undefined = await heads.read(chain)
    if (!head || blocks[0]?.hash === head.hash) return
    blocks.unshift(head)
    blocks.length = Math.min(blocks.length, KEPT)
    for (const changed of listeners) changed()
  }
  return {
    heads: {
      ...heads,
      async commit(chain, write) {
        const committed = await heads.commit(chain, write)
        if (committed.applied) void note(chain).catch(() => {})
        return committed
      },
    },
    recent: () => blocks,
    subscribe(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  }
}
