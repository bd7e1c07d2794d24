import type { ObservedNode, View } from './decision.ts'
import { syncLeftMs } from './node-history.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/** A chain this young (s) has little but its genesis anywhere. */
const YOUNG_S = 60n

/**
 * A node that has only begun: nothing of the chain but its genesis. It answers everything, and would have to be given
 * the whole chain before its first block. That of a chain as young as itself is a standby like any other.
 */
export function onlyGenesis({ head }: View, node: NodeName, { observation }: ObservedNode): Reason[] {
  const { consensus, execution } = observation
  if (!head || !execution.ok || execution.value.latest.number !== 0n || head.number === 0n) return []
  const genesis = consensus.ok && consensus.value.unsafe.number === 0n ? consensus.value.unsafe : undefined
  if (genesis && head.timestamp - genesis.timestamp <= YOUNG_S) return []
  return [reason('only-genesis', { committed: String(head.number) }, node)]
}

/** A node that syncs by itself gets there without anybody, and cannot build before; how long it takes, if that can be told. */
export function syncsItself(
  node: NodeName,
  { observation: { execution }, history: course }: ObservedNode,
  lag: bigint | undefined,
  now: number,
): Reason[] {
  if (!execution.ok || !execution.value.syncing || lag === 0n) return []
  const { latest, syncBlocks } = execution.value
  const ms = course && syncLeftMs(course, execution.value, now)
  if (ms === undefined || !syncBlocks) return [reason('syncing', { number: String(latest.number) }, node)]
  const { current, highest } = syncBlocks
  return [reason('syncing-until', { current: String(current), highest: String(highest), ms }, node)]
}
