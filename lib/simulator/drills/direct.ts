import type { ChainPorts } from '../../context/ports.ts'
import { runMonitor } from '../../monitor/run.ts'
import type { Ticked } from '../../monitor/tick.ts'
import type { Reason } from '../../protocol/reason.ts'
import type { HistoryRecord } from '../../protocol/records.ts'
import type { SimulatedChain } from '../chain/chain.ts'
import type { Acknowledged, Stage, Trouble } from './stage.ts'

/** What a stage is built from. */
export type Parts = {
  readonly chain: SimulatedChain
  /** The monitor's ports, with its clock wrong by this many ms. */
  readonly portsOf: (clockOffMs: number) => ChainPorts
  readonly acknowledged: readonly Acknowledged[]
  readonly trouble: Trouble
}

const TICK_MS = 250
const POLL_MS = 20
/** More history than any drill makes. */
const RECORDS = 1_000

/** The verbs of a drill over the parts of its stage; `end` stops the monitors. */
export function direct({ chain, portsOf, acknowledged, trouble }: Parts): { stage: Stage; end: () => Promise<void> } {
  const ports = portsOf(0)
  const running: (() => Promise<void>)[] = []
  const reported = new Set<string>()
  // By id and not by time: the clock of a monitor may be wrong.
  const before = new Set<string>()
  let began = 0
  let latest: Ticked | undefined

  const everything = () => ports.history.list(ports.chain.id, { limit: RECORDS })
  const hear = (reasons: readonly Reason[]) => {
    for (const { code, node = '' } of reasons) reported.add(code).add(`${code} ${node}`)
  }
  const note = (ticked: Ticked) => {
    latest = ticked
    const { reasons, page, verdicts, sharedCause, l1 } = ticked.decision
    hear(l1?.reasons ?? [])
    hear([...reasons, ...page, ...verdicts.flatMap((each) => each.reasons), ...(sharedCause ? [sharedCause] : [])])
  }
  const within: Stage['within'] = async (slots, condition) => {
    const end = Date.now() + slots * chain.blockTimeMs
    while (!(await condition())) {
      if (Date.now() > end) return false
      await ports.clock.sleep(POLL_MS)
    }
    return true
  }
  const stage: Stage = {
    chain,
    ports,
    acknowledged,
    trouble,
    within,
    node: (name) => chain.node(name),
    head: () => ports.heads.read(ports.chain.id),
    latest: () => latest,
    monitor(clockOffMs = 0) {
      const ended = new AbortController()
      const owner = `monitor-${running.length + 1}`
      const done = runMonitor(overheard(portsOf(clockOffMs), hear), {
        owner,
        tickMs: TICK_MS,
        ttlMs: 1_000,
        signal: ended.signal,
        onTick: note,
      })
      const kill = async () => {
        ended.abort()
        await done
      }
      running.push(kill)
      return kill
    },
    async begin() {
      for (const { id } of await everything()) before.add(id)
      reported.clear()
      began = Date.now()
    },
    began: () => began,
    slots: (count) => ports.clock.sleep(count * chain.blockTimeMs),
    async takenOver(from, slots = 20) {
      let leader: string | undefined
      await within(slots, async () => {
        const head = await stage.head().catch(() => undefined)
        const moved =
          head !== undefined && head.leader !== from && head.leader !== '' && head.committedTerm === head.term
        leader = moved ? head.leader : undefined
        return moved
      })
      return leader
    },
    blocks(count, slots = count + 12) {
      const from = acknowledged.length
      return within(slots, () => acknowledged.length >= from + count)
    },
    history: async () => (await everything()).filter(({ id }) => !before.has(id)).reverse(),
    granted: async () => (await stage.history()).flatMap(({ what, node }) => (what === 'grant' && node ? [node] : [])),
    paged: async (code) =>
      (await stage.history()).some(
        ({ what, reasons }) => what === 'page' && reasons.some((each) => each.code === code),
      ),
    reported: (code, node) => reported.has(node === undefined ? code : `${code} ${node}`),
  }
  return { stage, end: async () => void (await Promise.all(running.map((kill) => kill()))) }
}

/**
 * The same ports, with the monitor's History records overheard: the last decision of a turn is not the one it acted on.
 */
function overheard(ports: ChainPorts, hear: (reasons: readonly Reason[]) => void): ChainPorts {
  const append = (record: HistoryRecord) => {
    hear(record.reasons)
    return ports.history.append(record)
  }
  return { ...ports, history: { ...ports.history, append } }
}
