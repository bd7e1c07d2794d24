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

/** A block the chain could go on from, and who speaks for it. */
export type Candidate = {
  readonly block: Block
  /** On whose own chain it is. */
  readonly nodes: readonly NodeName[]
  /** In the archive: it was acknowledged here, and may not be replaced. `unknown` = that could not be read. */
  readonly committed: boolean | 'unknown'
  /** L1 has it, by some node that derived it. */
  readonly safe: boolean
}

/** Everything that is left of a chain, read from wherever it can be read. */
export type Survey = {
  readonly view: View
  readonly head?: Head
  readonly lease?: Lease
  /** Highest first. */
  readonly candidates: readonly Candidate[]
  /** The one the votes are for; absent = a person must weigh them. */
  readonly best?: Candidate
  /** Nodes that do not answer: their blocks have no vote. */
  readonly silent: readonly NodeName[]
  /** Nodes that still build their chain from L1: what they have now is not where they will stand. */
  readonly deriving: readonly string[]
  /** Why the archive, or a block of it, cannot be read: which blocks were committed is not known then. */
  readonly unread?: string
  /** The highest term anybody remembers. */
  readonly term: number
}

/** Blocks above the highest node that are looked for in the archive: committed, and on no node any more. */
const ABOVE = 64n

/**
 * Gathers which blocks the chain could go on from: what each node has, what the archive says was committed,
 * and which of them each node has on its own chain. Changes nothing.
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
  // Above each of them: what a single node says its newest is must not hide what was committed above the others'.
  for (const from of new Set([...found.values(), { number: 0n }].map(({ number }) => number)))
    for (const block of await archivedAbove(archive, from)) add(block)
  if (head) add(blockOfHead(head))
  const candidates = await Promise.all([...found.values()].map((block) => weigh(ports, { view, archive, block, safe })))
  candidates.sort((a, b) => (a.block.number > b.block.number ? -1 : a.block.number < b.block.number ? 1 : 0))
  const unread = archive.failure()
  // A head is the newest commit, whatever the archive says. Without both, the newest may be the one nobody sees.
  const elected = unread === undefined || head ? choose(candidates, quorumOf(view.nodes)) : undefined
  const deriving = view.nodes.flatMap(({ name }) => {
    const underived = underivedBy(view, name, ON_PURPOSE)
    return underived ? [formatUnderived(name, underived)] : []
  })
  // What was committed here is known whatever the nodes do; their votes count when they stand.
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
 * The highest block that was committed here, if it is the only one of its height; if none is known to be,
 * the highest that most nodes have. A block that only some node has and nobody acknowledged is never chosen.
 */
export function choose(candidates: readonly Candidate[], quorum: number): Candidate | undefined {
  const committed = candidates.filter((each) => each.committed === true)
  const top = committed[0] ?? candidates.find(({ nodes }) => nodes.length >= quorum)
  const rival = top && committed.some(({ block }) => block.number === top.block.number && block.hash !== top.block.hash)
  return rival ? undefined : top
}

/** A block by its hash, wherever it can be read: among the candidates, or further down on a node. */
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

/** Archived blocks from this number on: a store that cannot be listed tells none. */
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

/** A head is more than a block; only the block is moved elsewhere. */
function blockOfHead({ number, hash, parentHash, timestamp, l1Origin }: Head): Block {
  return { number, hash, parentHash, timestamp, ...(l1Origin && { l1Origin }) }
}

function answers({ observed }: View, node: NodeName): boolean {
  const look = observed[node]?.observation
  return look !== undefined && (look.consensus.ok || look.execution.ok)
}

/** Terms are never given twice: those of the history count, too. */
async function rememberedTerm({ history, chain }: ChainPorts): Promise<number> {
  const records = await history.list(chain.id, { limit: 100 })
  return Math.max(0, ...records.map(({ term }) => term))
}
