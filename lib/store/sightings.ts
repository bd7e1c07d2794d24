import type { NodeName } from '../protocol/records.ts'
import type { ObjectStore } from './stores.ts'

/**
 * The key under which the gate records that a standby called it under its own name and secret. op-node reports only
 * whether it leads; only the gate knows the name it calls with.
 */
const keyOf = (chain: string, node: NodeName): string => `${chain}/sightings/${node}`

/** Records that a node called just now (Unix ms). */
export async function noteSighting(objects: ObjectStore, chain: string, node: NodeName, now: number): Promise<void> {
  await objects.put(keyOf(chain, node), Buffer.from(String(now)))
}

/** The last record of each of these nodes. Compare values only, never with our clock: they are in the gate's time. */
export async function readSightings(
  objects: ObjectStore,
  chain: string,
  nodes: readonly NodeName[],
): Promise<ReadonlyMap<NodeName, string>> {
  const read = async (node: NodeName) => [node, await objects.get(keyOf(chain, node))] as const
  const found = await Promise.all(nodes.map(read))
  return new Map(found.flatMap(([node, bytes]) => (bytes ? [[node, Buffer.from(bytes).toString()] as const] : [])))
}
