import type { CommittedBlock, Snapshot } from '../context/inspect.ts'
import type { ChainPorts } from '../context/ports.ts'
import { type Failing, failingReason } from '../monitor/run.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { Head } from '../protocol/records.ts'
import type { HeadStore } from '../store/stores.ts'

/** What was seen last: shown on while the store does not answer. */
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

/** While no turn succeeds, what was decided last is not true any more: the chain is taken for halted, and says why. */
function reportFailing({ view, decision }: Ticked, failing: Failing | undefined, now: number): Ticked {
  if (!failing) return { view, decision }
  const why = failingReason(failing, now)
  return { view, decision: { ...decision, condition: 'halted', commands: [], reasons: [why], page: [why] } }
}

/** How many committed blocks are kept for showing. */
const KEPT = 60

/** The newest committed blocks, as this process's gate wrote them. */
export type BlockFeed = {
  /** The head store to give to the gate. */
  readonly heads: HeadStore
  /** Newest first. */
  recent(): readonly CommittedBlock[]
  /** Calls back after each commit; returns how to stop that. */
  subscribe(changed: () => void): () => void
}

/** Watches the commits that pass through a head store; the hot path is left as it is. */
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
