import { freshMemory } from '../../context/memory.ts'
import { observeChain } from '../../context/observe.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { type Block, type Hash, isNoBlock } from '../../protocol/block.ts'
import type { View } from '../../protocol/decision.ts'
import { formatUnderived, ON_PURPOSE, underivedBy } from '../../protocol/derivation.ts'
import { quorumOf } from '../../protocol/follow-l1.ts'
import { highestSafe } from '../../protocol/judge-l1.ts'
import type { Head, Lease, NodeName } from '../../protocol/records.ts'
import { type AskedArchive, askArchive } from './ask.ts'

/** A block the chain could continue from, and the evidence for it. */
export type Candidate = {
  readonly block: Block
  /** The nodes that have it on their own chain. */
  readonly nodes: readonly NodeName[]
  /** In the archive: it was acknowledged here, and must not be replaced. `unknown` = the archive could not be read. */
  readonly committed: boolean | 'unknown'
  /** L1 has it, according to a node that derived it. */
  readonly safe: boolean
}

/** The state of a chain, from every readable source. */
export type Survey = {
  readonly view: View
  readonly head?: Head
  readonly lease?: Lease
  /** Highest first. */
  readonly candidates: readonly Candidate[]
  /** The block the votes are for; absent = a person must weigh them. */
  readonly best?: Candidate
  /** Silent nodes: their blocks have no vote. */
  readonly silent: readonly NodeName[]
  /** Nodes that still derive their chain from L1: they will not stay where they are. */
  readonly deriving: readonly string[]
  /** Why the archive, or a block of it, cannot be read: then which blocks were committed is unknown. */
  readonly unread?: string
  /** The highest recorded term. */
  readonly term: number
}

/** How many blocks above the highest node to search in the archive: committed, but no longer on any node. */
const ABOVE = 64n

/**
 * Gathers the blocks the chain could continue from: each node's blocks, the archive's committed blocks, and which nodes
 * have each on their own chain. Changes nothing.
 *
 * @throws StoreUnavailableError when the records cannot be read.
 */
export async function surveyChain(ports: ChainPorts): Promise<Survey> {
  const view = await observeChain(ports, freshMemory())
  const { head, lease } = view
  const found = new Map<Hash, Block>()
  const add = (block: Block | undefined | null) =>
    block && found.set(block.hash, { ...found.get(block.hash), ...block })
  for (const { name } of view.nodes) {
    const look = view.observed[name]?.observation
    if (look?.execution.ok) add(await headerOf(ports, name, look.execution.value.latest.hash))
    if (!look?.consensus.ok || isNoBlock(look.consensus.value.unsafe.hash)) continue
    add(look.consensus.value.unsafe)
  }
  const archive = askArchive(ports)
  const safe = highestSafe(view)?.number ?? 0n
  // Above each of them: one node's alleged newest block must not hide what was committed above the others'.
  for (const from of new Set([...found.values(), { number: 0n }].map(({ number }) => number)))
    for (const block of await archivedAbove(archive, from)) add(block)
  if (head) add(blockOfHead(head))
  const candidates = await Promise.all([...found.values()].map((block) => weigh(ports, { view, archive, block, safe })))
  candidates.sort((a, b) => (a.block.number > b.block.number ? -1 : a.block.number < b.block.number ? 1 : 0))
  const unread = archive.failure()
  // A head is the newest commit, whatever the archive says. Without head and archive, the newest commit may be
  // invisible.
  const elected = unread === undefined || head ? choose(candidates, quorumOf(view.nodes)) : undefined
  const deriving = view.nodes.flatMap(({ name }) => {
    const underived = underivedBy(view, name, ON_PURPOSE)
    return underived ? [formatUnderived(name, underived)] : []
  })
  // A block committed here is known regardless of the nodes; their votes count only once they stand still.
  const best = elected?.committed === true || deriving.length === 0 ? elected : undefined
  return {
    view,
    ...(head && { head }),
    ...(lease && { lease }),
    candidates,
    ...(best && { best }),
    deriving,
    ...(unread !== undefined && { unread }),
    silent: view.nodes.map(({ name }) => name).filter((name) => !answers(view, name)),
    term: Math.max(head?.term ?? 0, lease?.term ?? 0, await rememberedTerm(ports)),
  }
}

/**
 * The highest block committed here, if it is the only one of its height; if none is known to be committed, the highest
 * that most nodes have. Never chooses an unacknowledged block of a minority.
 */
export function choose(candidates: readonly Candidate[], quorum: number): Candidate | undefined {
  const committed = candidates.filter((each) => each.committed === true)
  const top = committed[0] ?? candidates.find(({ nodes }) => nodes.length >= quorum)
  const rival = top && committed.some(({ block }) => block.number === top.block.number && block.hash !== top.block.hash)
  return rival ? undefined : top
}

/** A block by its hash, from any source: among the candidates, or further down on a node. */
export async function findBlock(
  ports: ChainPorts,
  { candidates, view }: Survey,
  hash: Hash,
): Promise<Candidate | undefined> {
  const known = candidates.find(({ block }) => block.hash === hash)
  if (known) return known
  for (const { name } of view.nodes) {
    const block = await headerOf(ports, name, hash)
    if (block) return await weigh(ports, { view, archive: askArchive(ports), block, safe: 0n })
  }
  return undefined
}

type Weighed = {
  readonly view: View
  readonly archive: AskedArchive
  readonly block: Block
  readonly safe: bigint
}

async function weigh(ports: ChainPorts, { view, archive, block, safe }: Weighed): Promise<Candidate> {
  const votes = await Promise.all(
    view.nodes.map(async ({ name }) => {
      const at = await ports
        .port(name)
        .block({ number: block.number })
        .catch(() => null)
      return at?.hash === block.hash ? [name] : []
    }),
  )
  const archived = await archive.find(block)
  const isHead = view.head?.hash === block.hash
  return {
    block: { ...block, ...archived },
    nodes: votes.flat(),
    committed: isHead || (archived === undefined ? 'unknown' : archived !== null),
    safe: block.number <= safe,
  }
}

/** Archived blocks from this number on; none from a store that cannot be listed. */
async function archivedAbove(archive: AskedArchive, from: bigint): Promise<Block[]> {
  const blocks: Block[] = []
  for (let number = from; number <= from + ABOVE; number++) {
    const found = await archive.at(number)
    blocks.push(...found)
    if (found.length === 0 && number > from) break
  }
  return blocks
}

async function headerOf({ port }: ChainPorts, node: NodeName, hash: Hash): Promise<Block | undefined> {
  const block = await port(node)
    .block({ hash })
    .catch(() => null)
  if (!block) return undefined
  const { number, parentHash, timestamp } = block
  return { number, hash: block.hash, parentHash, timestamp }
}

/** A head holds more than its block; this keeps only the block. */
function blockOfHead({ number, hash, parentHash, timestamp, l1Origin }: Head): Block {
  return { number, hash, parentHash, timestamp, ...(l1Origin && { l1Origin }) }
}

function answers({ observed }: View, node: NodeName): boolean {
  const look = observed[node]?.observation
  return look !== undefined && (look.consensus.ok || look.execution.ok)
}

/** A term is never granted twice, so the terms in the history count too. */
async function rememberedTerm({ history, chain }: ChainPorts): Promise<number> {
  const records = await history.list(chain.id, { limit: 100 })
  return Math.max(0, ...records.map(({ term }) => term))
}
