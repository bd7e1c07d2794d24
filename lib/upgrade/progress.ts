import type { ChainPorts } from '../monitor/ports.ts'
import { record } from '../monitor/record.ts'
import { reason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'
import type { UpgradeOrder } from './order.ts'

/** Records are read back in pages of this many, and so many pages at most. */
const PAGE = 200
const PAGES = 25

/** What an upgrade leaves in the history: `begun`, one for each node, and how it ended. */
export type UpgradeEvent = 'begun' | 'node' | 'stopped' | 'done'

/** Writes what an upgrade did; `told` is a sentence for people. */
export async function note(
  ports: ChainPorts,
  { to, by }: Pick<UpgradeOrder, 'to' | 'by'>,
  event: UpgradeEvent,
  told: string,
  node?: NodeName,
): Promise<void> {
  const head = await ports.heads.read(ports.chain.id)
  await record(ports, {
    what: `upgrade-${event}`,
    actor: { kind: 'operator', name: by },
    term: head?.term ?? 0,
    head: head?.number ?? 0n,
    reasons: [reason('upgrade', { to, told })],
    ...(node !== undefined && { node }),
  })
}

/** The upgrade under way, if any: its version, and the nodes it has finished with. */
export type Progress = { readonly to: string; readonly by: string; readonly done: readonly NodeName[] }

/** Reads the newest upgrade back out of the history; `undefined` when there was none, or it came to its end. */
export async function readProgress({ history, chain }: ChainPorts): Promise<Progress | undefined> {
  const done: NodeName[] = []
  let before: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const records = await history.list(chain.id, { limit: PAGE, ...(before !== undefined && { before }) })
    for (const { what, node, reasons, actor } of records) {
      if (what === 'upgrade-done') return undefined
      if (what === 'upgrade-node' && node !== undefined) done.push(node)
      if (what === 'upgrade-begun') return { to: String(reasons[0]?.evidence.to ?? ''), by: actor.name, done }
    }
    before = records.at(-1)?.id
    if (records.length < PAGE) return undefined
  }
  return undefined
}
