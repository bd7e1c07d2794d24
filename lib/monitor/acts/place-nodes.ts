import type { Memory } from '../../context/memory.ts'
import type { ChainPorts } from '../../context/ports.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import { unplaced } from '../../protocol/branch.ts'
import type { View } from '../../protocol/decision.ts'
import type { Head } from '../../protocol/records.ts'
import { chainArchive } from '../../store/archive.ts'

/** A node that stays at its block for so long (ms) is not only late; by then the archive has what was committed. */
const STAYS_MS = 3_000

/**
 * Looks up, for nodes that stay below the head, whether their newest block was committed: such a node may be on a
 * branch the chain has left. The turn does not wait for it; the next decision uses the answer.
 */
export function placeNodes(ports: ChainPorts, memory: Memory, view: View): void {
  const { clock, log } = ports
  const { head } = view
  if (!head) return
  for (const { node, at } of unplaced(view)) {
    if (memory.placing.has(node)) continue
    memory.placing.add(node)
    const place = async () => {
      await clock.sleep(STAYS_MS)
      const consensus = memory.observed[node]?.observation.consensus
      if (!consensus?.ok || consensus.value.unsafe.hash !== at.hash) return
      const committed = await committedAt(ports, head, at)
      const known = memory.observed[node]
      if (!known || committed === undefined) return
      const movedAt = head.moved?.at
      memory.observed[node] = {
        ...known,
        branch: { of: at, committed, ...(movedAt !== undefined && { movedAt }) },
      }
    }
    place()
      .catch((error: unknown) => log.warn('whether a node is on the committed chain is not known', { node, error }))
      .finally(() => memory.placing.delete(node))
  }
}

/**
 * The committed block of a number. One that is alone in the archive above every block the head was moved back from is
 * the one. Otherwise the parents of the head tell, each payload proved by its hash; `undefined` = one is missing.
 */
async function committedAt({ objects, chain }: ChainPorts, head: Head, at: BlockId): Promise<Hash | undefined> {
  const archive = chainArchive(objects, chain.id)
  const [only, ...others] = (await archive.hashesAt(at.number)) ?? []
  const unique = others.length === 0 && at.number > (head.revertedFrom?.number ?? -1n)
  if (unique && only === at.hash) return only
  for await (const step of archive.walkBack({ number: head.number - 1n, hash: head.parentHash }, at.number)) {
    if (step.number === at.number) return step.hash
  }
  return undefined
}
