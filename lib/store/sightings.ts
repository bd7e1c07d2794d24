import type { NodeName } from '../protocol/records.ts'
import type { ObjectStore } from './stores.ts'

/**
 * Where the gate notes that a node which does not lead has asked it under its own name and secret. op-node says of its
 * conductor only that it leads or not: under whose name it asked, only the gate knows.
 */
const keyOf = (chain: string, node: NodeName): string => `${chain}/sightings/${node}`

/** Notes that a node asked just now (Unix ms). */
export async function noteSighting(objects: ObjectStore, chain: string, node: NodeName, now: number): Promise<void> {
  await objects.put(keyOf(chain, node), Buffer.from(String(now)))
}

/** What was noted last of each of these nodes. It is compared, not read: the gate's clock is another one. */
export async function readSightings(
  objects: ObjectStore,
  chain: string,
  nodes: readonly NodeName[],
): Promise<ReadonlyMap<NodeName, string>> {
  const read = async (node: NodeName) => [node, await objects.get(keyOf(chain, node))] as const
  const found = await Promise.all(nodes.map(read))
  return new Map(found.flatMap(([node, bytes]) => (bytes ? [[node, Buffer.from(bytes).toString()] as const] : [])))
}
