import { observeL1, tipOf } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { Block, BlockId } from '../protocol/block.ts'
import type { Contradiction, Decision, View } from '../protocol/decision.ts'
import { formatUnderived, ON_PURPOSE, underivedBy } from '../protocol/derivation.ts'
import { agreeOnL1, deserters, failedToStart, replacedOrigin, stands } from '../protocol/follow-l1.ts'
import type { ConsensusView, L2Block } from '../protocol/observation.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'
import { sequencingBehind } from '../protocol/start-conditions.ts'
import { chainArchive } from '../store/archive.ts'

/** A node that has left the head, and where it stands. */
type Deserter = { readonly node: NodeName; readonly at: ConsensusView }

/**
 * When most nodes have left the committed head, asks L1 itself, through our own endpoint, whether L1 contradicts the
 * head: its origin was replaced, or its sequencing window is over and L1 derives a block that was never committed.
 * Without that proof the head stays where it is, and Baton pages a person.
 */
export async function askL1(ports: ChainPorts, view: View): Promise<View> {
  const names = await confirmed(ports, view)
  if (!agreeOnL1(ports.nodes, names)) return view
  try {
    const proof = await prove(ports, view, names)
    return 'block' in proof ? { ...view, contradiction: proof } : withoutProof(view, proof)
  } catch (error) {
    return withoutProof(view, unexplained(view, names, `asking failed: ${(error as Error).message.split('\n')[0]}`))
  }
}

/** A hanging L1 endpoint delays the start of a leader by at most this long. */
const OBSERVE_MS = 500

/**
 * Asks L1 before a leader that sequences below the head is given the head once more: it may have left the head because
 * of an L1 change since our own endpoint was last observed.
 */
export async function observeL1Again(ports: ChainPorts, view: View, { commands }: Decision): Promise<View> {
  const starts = commands.some(({ act }) => act === 'start')
  if (!view.head || !starts || !sequencingBehind(view, view.head)) return view
  const tip = tipOf(view)
  await observeL1(ports, tip, OBSERVE_MS)
  const l1 = ports.l1?.latest(tip)
  return l1 ? { ...view, l1 } : view
}

/** Nodes that have just left the head have this long to agree on where they stand. */
const withoutProof = (view: View, why: Reason): View =>
  (failedToStart(view) || replacedOrigin(view)) && !stands(view) ? view : { ...view, unexplained: why }

/**
 * A node that merely lacks the head lags behind. A node has left the head if it has another block there, or keeps the
 * head or its parent beside its own chain. The head itself may have been committed just as the nodes left: then none
 * has it.
 */
async function confirmed({ port }: ChainPorts, view: View): Promise<NodeName[]> {
  const { head } = view
  if (!head) return []
  const asked = deserters(view).map(async (node) => {
    if (await port(node).block({ hash: head.hash })) return [node]
    const [there, kept, below] = await Promise.all([
      port(node).block({ number: head.number }),
      port(node).block({ hash: head.parentHash }),
      port(node).block({ number: head.number - 1n }),
    ])
    return there || (kept && below?.hash !== head.parentHash) ? [node] : []
  })
  const answers = await Promise.allSettled(asked)
  return answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
}

async function prove(ports: ChainPorts, view: View, names: readonly NodeName[]): Promise<Contradiction | Reason> {
  const { head, observed, nodes } = view
  const { l1 } = ports
  if (!head) return unexplained(view, names, 'there is no head')
  if (!l1) return unexplained(view, names, 'no L1 endpoint of our own is configured')
  const left = names.flatMap((node): Deserter[] => {
    const consensus = observed[node]?.observation.consensus
    return consensus?.ok ? [{ node, at: consensus.value }] : []
  })
  const underived = names.flatMap((node) => {
    const rest = underivedBy(view, node, ON_PURPOSE)
    return rest ? [formatUnderived(node, rest)] : []
  })
  if (underived[0]) return unexplained(view, names, underived[0])
  const stand = await standOf(ports, left)
  if (!stand) return unexplained(view, names, 'they do not agree on a block yet')
  const { block, safe, together } = stand
  if (!agreeOnL1(nodes, together)) return unexplained(view, names, 'too few of them agree')
  const limits = l1.latest(tipOf(view))?.limits
  if (!limits) return unexplained(view, names, 'our own L1 endpoint was not asked yet')
  if ((await l1.hashAt(safe.l1Origin.number)) !== safe.l1Origin.hash)
    return unexplained(view, names, `L1 does not have the origin of their safe block ${safe.number}`)

  const of = { hash: head.hash, term: head.term }
  const who = together.join(', ')
  const ofSafe = await compare(ports, head, safe)
  const orphaned = await orphanedOrigin(ports, head)
  if (orphaned && (await orphanedOrigin(ports, block)))
    return unexplained(view, names, `L1 does not have the origin of their block ${block.number}`)
  if (orphaned && ofSafe !== 'other' && (await compare(ports, head, block)) === 'committed') {
    const { number, hash, canonical } = orphaned
    const evidence = { l1: String(number), origin: hash, canonical, number: String(head.number), nodes: who }
    return { of, block, why: reason('l1-reorged', evidence) }
  }
  const derived = block.number <= safe.number ? block : safe
  const evidence = { nodes: who, safe: String(safe.number), hash: safe.hash }
  if (ofSafe !== 'committed' && safe.number > head.number)
    return { of, block: derived, why: reason('l1-derived', { ...evidence, number: String(head.number) }) }
  const l1Head = (await l1.head()).number
  if (ofSafe === 'other' && l1Head >= safe.l1Origin.number + limits.window) {
    const l1Evidence = { l1: String(safe.l1Origin.number), l1Head: String(l1Head) }
    return { of, block: derived, why: reason('window-expired', { ...evidence, ...l1Evidence }) }
  }
  return unexplained(view, names, `L1 is at block ${l1Head}, and has the origin of the head`)
}

/**
 * Where most of them stand: the highest block a quorum has, and the highest that L1 gave a quorum. Not the lowest that
 * any node names: a single node would revert blocks that all others kept.
 */
async function standOf(ports: ChainPorts, left: readonly Deserter[]) {
  const safe = await highestOf(
    ports,
    left,
    ({ at }) => at.safe,
    ({ at }, block) => at.safe.number >= block.number,
  )
  if (!safe) return undefined
  const unsafe = await highestOf(ports, left, ({ at }) => at.unsafe)
  for (const { block, nodes } of [...(unsafe ? [unsafe] : []), safe]) {
    const together = nodes.filter((node) => safe.nodes.includes(node))
    if (agreeOnL1(ports.nodes, together)) return { block, safe: safe.block, together }
  }
  return undefined
}

/** The highest block the nodes name that a quorum of them has, among the nodes for which `counts` holds. */
async function highestOf(
  ports: ChainPorts,
  left: readonly Deserter[],
  pick: (deserter: Deserter) => L2Block,
  counts: (deserter: Deserter, block: L2Block) => boolean = () => true,
): Promise<{ block: L2Block; nodes: NodeName[] } | undefined> {
  const named = new Map(left.map((deserter) => [pick(deserter).hash, pick(deserter)]))
  const highestFirst = [...named.values()].toSorted((a, b) => (a.number > b.number ? -1 : 1))
  const had = await Promise.all(
    highestFirst.map(async (block) => ({
      block,
      nodes: await whoHas(
        ports,
        left.filter((deserter) => counts(deserter, block)),
        block,
      ),
    })),
  )
  return had.find(({ nodes }) => agreeOnL1(ports.nodes, nodes))
}

/** The nodes whose own chain contains a block. */
async function whoHas({ port }: ChainPorts, left: readonly Deserter[], { number, hash }: BlockId): Promise<NodeName[]> {
  const asked = left.map(async ({ node }) => ((await port(node).block({ number }))?.hash === hash ? [node] : []))
  const answers = await Promise.allSettled(asked)
  return answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
}

/** The origin of a block, if L1 has another block there. */
async function orphanedOrigin({ l1 }: ChainPorts, { l1Origin }: Pick<Block, 'l1Origin'>) {
  const canonical = l1Origin && (await l1?.hashAt(l1Origin.number))
  return l1Origin && canonical && canonical !== l1Origin.hash ? { ...l1Origin, canonical } : undefined
}

/**
 * Whether a block was committed here, or another of its number was. The archive has every committed block, though the
 * newest may still be on its way; `unknown`: older than Baton, or the archive cannot answer.
 */
async function compare(
  { objects, chain }: ChainPorts,
  head: Block,
  block: BlockId,
): Promise<'committed' | 'other' | 'unknown'> {
  if (block.hash === head.hash || block.hash === head.parentHash) return 'committed'
  const archive = chainArchive(objects, chain.id)
  const hashes = await archive.hashesAt(block.number)
  if (hashes === undefined) return (await archive.get(block)) === undefined ? 'unknown' : 'committed'
  if (hashes.includes(block.hash)) return 'committed'
  return hashes.length > 0 ? 'other' : 'unknown'
}

function unexplained({ head }: View, names: readonly NodeName[], message: string): Reason {
  return reason('left-head', { nodes: names.join(', '), number: String(head?.number ?? 0n), message })
}
