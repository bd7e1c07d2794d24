import type { HistoryRecord } from '../protocol/records.ts'
import type { ArchivedCommit } from '../store/stores.ts'
import type { ListedBlock, Snapshot } from './inspect.ts'
import type { ChainPorts } from './ports.ts'

/** Number of the newest blocks listed. */
const NEWEST = 60
/** Number of blocks listed before a move, and after it. */
const AROUND = 3
/** Number of moves whose blocks are listed. */
const MOVES = 8

/** Committed blocks, the highest first. */
export type ListedCommits = {
  /** The newest ones. */
  readonly newest: readonly ListedBlock[]
  /** Those around the newest moves, as far as they are not among the newest. */
  readonly around: readonly ListedBlock[]
}

/**
 * The commits of a chain, as its archive lists them, for a reader that saw none itself: one query for the newest, and a
 * small one for each move that the history has. `undefined` = the archive keeps no list.
 *
 * @throws StoreUnavailableError
 */
export async function listCommits(
  { objects, chain }: Pick<ChainPorts, 'objects' | 'chain'>,
  { view: { head }, history }: Pick<Snapshot, 'view' | 'history'>,
): Promise<ListedCommits | undefined> {
  if (!objects.commits) return undefined
  if (!head) return { newest: [], around: [] }
  const list = async (below: bigint, limit: number) =>
    withLeaders((await objects.commits?.(chain.id, { below, limit })) ?? [], history)
  const archived = await list(head.number + 1n, NEWEST)
  const newest = [...ofHead(head, archived[0]?.number, history), ...archived]
  const oldest = newest.at(-1)?.number ?? head.number
  const moved = lastBefore(history).filter((number) => number - BigInt(AROUND) < oldest - 1n)
  const around = await Promise.all(moved.map((number) => list(number + BigInt(AROUND) + 1n, 2 * AROUND)))
  return { newest, around: distinct(around.flat().filter(({ number }) => number < oldest)) }
}

/** The newest block while its archiving is under way. */
function ofHead(
  { number, hash, leader, term, committedTerm, committedAt }: NonNullable<Snapshot['view']['head']>,
  archived: bigint | undefined,
  history: readonly HistoryRecord[],
): ListedBlock[] {
  if (committedTerm === 0 || archived === number) return []
  const by = term === committedTerm ? { leader } : {}
  return withLeaders([{ number, hash, term: committedTerm, committedAt, ...by }], history)
}

/** The numbers of the last blocks before the newest moves. */
function lastBefore(history: readonly HistoryRecord[]): bigint[] {
  const fences = history.filter(({ what, term }) => what === 'fence' && term > 1)
  return fences.slice(0, MOVES).map(({ head }) => head)
}

const withLeaders = (commits: readonly ArchivedCommit[], history: readonly HistoryRecord[]) =>
  readable(commits, leadersOf(commits, history))

/** Who led in each term, as the commits and the history know it. */
export function leadersOf(
  commits: readonly ArchivedCommit[],
  history: readonly HistoryRecord[],
): ReadonlyMap<number, string> {
  const leaders = new Map(history.flatMap(({ what, term, node }) => (what === 'fence' && node ? [[term, node]] : [])))
  for (const { term, leader } of commits) if (leader !== undefined) leaders.set(term, leader)
  return leaders
}

/** With one block of each number, and its leader. */
export function readable(commits: readonly ArchivedCommit[], leaders: ReadonlyMap<number, string>): ListedBlock[] {
  return distinct(commits.map((commit) => ({ ...commit, leader: commit.leader ?? leaders.get(commit.term) ?? '' })))
}

/** The highest first. After a move back a number has several blocks: that of the highest term is the chain's. */
function distinct(blocks: readonly ListedBlock[]): ListedBlock[] {
  const byNumber = new Map<bigint, ListedBlock>()
  for (const block of blocks) {
    const other = byNumber.get(block.number)
    if (!other || block.term > other.term) byNumber.set(block.number, block)
  }
  return [...byNumber.values()].toSorted((a, b) => (a.number > b.number ? -1 : 1))
}
