import type { Hash } from '../protocol/block.ts'
import { configuredChainId, judgeFleet, type Standing } from '../protocol/identity.ts'
import type { Identity } from '../protocol/observation.ts'
import type { NodeName } from '../protocol/records.ts'

/** What this process knows of who the nodes of a chain are, so that no call goes to a stranger. */
export type FleetBook = {
  /** Notes what a node says of itself on the connections to it; nothing = it is not known any more. */
  note(node: NodeName, identity: Identity): void
  /** How a node stands now, peer ids left aside: one process under two names is ours all the same. */
  standing(node: NodeName): Standing | undefined
}

/** Opens the book of a chain. `chain` is its id as configured, `nodes` are its nodes in configured order. */
export function fleetBook(chain: string, nodes: readonly NodeName[], now: () => number): FleetBook {
  const seen: Record<NodeName, Identity | undefined> = Object.fromEntries(nodes.map((name) => [name, undefined]))
  let genesis: Hash | undefined
  const judge = () => {
    const judged = judgeFleet({ seen, chainId: configuredChainId(chain), genesis, now: now() })
    genesis = judged.genesis
    return judged
  }
  return {
    note(node, identity) {
      seen[node] = withoutPeer(identity)
      judge()
    },
    standing: (node) => judge().standings[node],
  }
}

function withoutPeer({ consensus, ...rest }: Identity): Identity {
  if (!consensus?.ok) return { ...rest, ...(consensus && { consensus }) }
  const { peer: _, ...value } = consensus.value
  return { ...rest, consensus: { ok: true, value } }
}
