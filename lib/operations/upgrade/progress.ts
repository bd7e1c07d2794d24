import type { ChainPorts } from '../../context/ports.ts'
import { type Event, record } from '../../context/record.ts'
import { retryStore, STORE_RETRIES } from '../../context/retry.ts'
import { reason } from '../../protocol/reason.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { UpgradeOrder } from './order.ts'

/** Page size, and the maximum number of pages, when records are read back. */
const PAGE = 200
const PAGES = 25

/** The events of an upgrade in the history: `begun` or `resumed`, one for each node, and how it ended. */
export type UpgradeEvent = 'begun' | 'resumed' | 'node' | 'stopped' | 'done'

/** Records an event of an upgrade; `told` is a sentence for people. */
export async function note(
  ports: ChainPorts,
  { to, by }: Pick<UpgradeOrder, 'to' | 'by'>,
  event: UpgradeEvent,
  told: string,
  node?: NodeName,
): Promise<void> {
  const head = await retryStore(ports, () => ports.heads.read(ports.chain.id))
  const entry: Event = {
    what: `upgrade-${event}`,
    actor: { kind: 'operator', name: by },
    term: head?.term ?? 0,
    head: head?.number ?? 0n,
    reasons: [reason('upgrade', { to, told })],
    ...(node !== undefined && { node }),
  }
  await record(ports, entry, STORE_RETRIES)
}

/** An unfinished upgrade: its version, and the nodes it has finished. */
export type Progress = {
  readonly to: string
  /** Who began it, or resumed it last. */
  readonly by: string
  readonly done: readonly NodeName[]
  /** Whether it recorded that it stopped; a killed process records nothing. */
  readonly stopped: boolean
  /** Time of its latest record or heartbeat, Unix ms. */
  readonly heardAt: number
}

/**
 * Version 0.1 kept no owner on the lease and only recorded each node. An install times out after 20 minutes, a node has
 * ten to be fit unless configured otherwise, and the switchover takes one.
 */
const SILENT_MS = 45 * 60_000

/** Whether an upgrade without an owner may still be at work. */
export function isUnderWay({ stopped, heardAt }: Progress, now: number): boolean {
  return !stopped && now - heardAt < SILENT_MS
}

/** The unfinished upgrade according to the lease; `undefined` when there is none. */
export async function readProgress(ports: ChainPorts): Promise<Progress | undefined> {
  const { leases, chain } = ports
  const upgrade = (await retryStore(ports, () => leases.read(chain.id)))?.upgrade
  if (!upgrade?.done) return await readHistory(ports)
  const { to, by, owner, done, heardAt } = upgrade
  return { to, by, done, stopped: owner === undefined, heardAt }
}

/** The records in which version 0.1, and only version 0.1, kept each event of an upgrade. */
const events: Readonly<Record<string, UpgradeEvent>> = {
  'upgrade-begun': 'begun',
  'upgrade-resumed': 'resumed',
  'upgrade-node': 'node',
  'upgrade-stopped': 'stopped',
  'upgrade-done': 'done',
}

/** Reads the newest unfinished upgrade of version 0.1 from the history; `undefined` when there is none. */
async function readHistory(ports: ChainPorts): Promise<Progress | undefined> {
  const { history, chain } = ports
  const done: NodeName[] = []
  const stopped = new Set<string>()
  let by: string | undefined
  let heardAt: number | undefined
  let before: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const next = { limit: PAGE, ...(before !== undefined && { before }) }
    const records = await retryStore(ports, () => history.list(chain.id, next))
    for (const { what, node, reasons, actor, at } of records) {
      const event = Object.hasOwn(events, what) ? events[what] : undefined
      if (event === undefined) continue
      heardAt ??= at
      if (event === 'done') return undefined
      if (event === 'node' && node !== undefined) done.push(node)
      // An upgrade that was taken over and then stops does not stop its successor.
      if (event === 'stopped' && by === undefined) stopped.add(actor.name)
      if (event === 'begun' || event === 'resumed') by ??= actor.name
      if (event === 'begun' && by !== undefined)
        return { to: String(reasons[0]?.evidence.to ?? ''), by, done, stopped: stopped.has(by), heardAt }
    }
    before = records.at(-1)?.id
    if (records.length < PAGE) return undefined
  }
  return undefined
}
