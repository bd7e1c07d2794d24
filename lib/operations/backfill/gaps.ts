import { countReceipts, getBlock, getBlockHash, hasPruned } from '../../chain/block.ts'
import type { NodeClient } from '../../chain/client.ts'
import type { EngineClient } from '../../chain/engine/client.ts'
import { getPayloadBodiesByRange, MAX_BODIES } from '../../chain/engine/methods.ts'
import { answer } from '../../chain/failure.ts'
import type { BlockId } from '../../protocol/block.ts'
import { NoStateFoundError } from './errors.ts'
import { type BlockRange, numbersOf, piecesOf, rangesOf } from './range.ts'
import { hasState } from './verify.ts'

/**
 * Blocks of which a client lacks something.
 *
 * - `block`: it has nothing, or no body.
 * - `state`: it has the body but never executed it, or lost the resulting state.
 * - `receipts`: it has the block but not its receipts.
 */
export type Gap = BlockRange & { readonly lacks: 'block' | 'state' | 'receipts' }

/** What a client has and lacks, up to a block that is known to be committed. */
export type Gaps = {
  /** Its newest block, by its own account. */
  readonly latest: BlockId
  /** The newest block whose state it has: plugged blocks build on this one. */
  readonly anchor: BlockId
  /** Above the anchor, ascending and contiguous: to be plugged. */
  readonly above: readonly Gap[]
  /** Among the examined blocks below the anchor: an engine does not accept these. */
  readonly below: readonly Gap[]
  /** Below this block the client's history was pruned on purpose. Absent = no pruning observed. */
  readonly prunedBelow?: bigint
  /** The lowest examined block. */
  readonly lookedFrom: bigint
}

/** The client to examine; its engine, if accessible, finds missing bodies faster. */
export type ExaminedClients = { readonly execution: NodeClient; readonly engine?: EngineClient | undefined }

/** Blocks to examine below the anchor by default. */
const LOOK_BACK = 64n
/** Calls per HTTP request. */
const BATCH = 100
/** Receipts are large. */
const RECEIPTS_BATCH = 10
/** How far below the head to search for a lost state. Real losses: 197, 7,157, some 50,000 blocks. */
const MOST_STATELESS = 100_000n
/** Stored blocks above the head are examined up to here; anything beyond counts as not stored. */
const MOST_TAIL = 20_000n

/**
 * Finds what a client lacks up to block `to` and, down to `from` (default: 64 blocks), below its anchor. Batches its
 * calls: 5,000 blocks take some 50 requests. Changes nothing.
 *
 * @throws NoStateFoundError when there is no block to build on.
 */
export async function findGaps(client: ExaminedClients, to: bigint, from?: bigint): Promise<Gaps> {
  const latest = await getBlock(client.execution, { tag: 'latest' })
  if (!latest) throw new NoStateFoundError('it names no latest block')
  const anchor = await findAnchor(client.execution, latest.number < to ? latest.number : to)
  // Genesis never had a payload.
  const lookedFrom = from ?? (anchor.number > LOOK_BACK ? anchor.number - LOOK_BACK : 1n)
  const known = { from: lookedFrom > 0n ? lookedFrom : 1n, to: anchor.number }
  const missing = await findBodiless(client, known)
  const prunedBelow = await findPruned(client.execution, missing)
  const bodiless = missing.filter((number) => prunedBelow === undefined || number >= prunedBelow)
  const receiptless = await findReceiptless(client.execution, known, new Set(missing))
  return {
    latest: { number: latest.number, hash: latest.hash },
    anchor,
    above: await findAbove(client.execution, { from: anchor.number + 1n, to }),
    ...(prunedBelow !== undefined && { prunedBelow }),
    below: [...gaps(bodiless, 'block'), ...gaps(receiptless, 'receipts')],
    lookedFrom,
  }
}

/** The newest block at or below `newest` with readable state. */
async function findAnchor(execution: NodeClient, newest: bigint): Promise<BlockId> {
  const lowest = newest > MOST_STATELESS ? newest - MOST_STATELESS : 0n
  for (let top = newest, size = 1n; top >= lowest; top -= size, size = BigInt(BATCH)) {
    const bottom = top - size + 1n > lowest ? top - size + 1n : lowest
    const found = [...numbersOf({ from: bottom, to: top })].reverse()
    const states = await Promise.all(found.map((number) => hasState(execution, number)))
    const number = found[states.indexOf(true)]
    const hash = number === undefined ? null : await getBlockHash(execution, number)
    if (number !== undefined && hash !== null) return { number, hash }
  }
  throw new NoStateFoundError(`no state could be read from block ${newest} down to ${lowest}`)
}

/**
 * Blocks stored above the anchor are a tail whose state was lost: a client calls them valid without executing them.
 * Examines them until a whole batch is empty.
 */
async function findAbove(execution: NodeClient, range: BlockRange): Promise<Gap[]> {
  const stored: bigint[] = []
  const most = range.from + MOST_TAIL < range.to ? range.from + MOST_TAIL : range.to
  for (const piece of piecesOf({ from: range.from, to: most }, BATCH)) {
    const numbers = [...numbersOf(piece)]
    const hashes = await Promise.all(numbers.map((number) => getBlockHash(execution, number)))
    const here = numbers.filter((_, i) => hashes[i] !== null)
    stored.push(...here)
    if (here.length === 0) break
  }
  const tail = gaps(stored, 'state')
  const rest: Gap[] = []
  let next = range.from
  for (const { from, to } of [...tail, { from: range.to + 1n, to: range.to + 1n }]) {
    if (next < from) rest.push({ from: next, to: from - 1n, lacks: 'block' })
    next = to + 1n
  }
  return [...tail, ...rest].sort((a, b) => (a.from < b.from ? -1 : 1))
}

/** Blocks without a body, according to the engine if there is one. */
async function findBodiless({ execution, engine }: ExaminedClients, range: BlockRange): Promise<bigint[]> {
  const missing: bigint[] = []
  for (const piece of piecesOf(range, engine ? Number(MAX_BODIES) : BATCH)) {
    const numbers = [...numbersOf(piece)]
    const bodies = engine && (await answer(getPayloadBodiesByRange(engine, piece.from, BigInt(numbers.length))))
    const found: readonly unknown[] = bodies?.ok
      ? bodies.value
      : await Promise.all(numbers.map((number) => getBlockHash(execution, number)))
    missing.push(...numbers.filter((_, i) => (found[i] ?? null) === null))
  }
  return missing
}

/** Where the pruned history ends: pruning starts at the oldest block. */
async function findPruned(execution: NodeClient, missing: readonly bigint[]): Promise<bigint | undefined> {
  const [oldest] = rangesOf(missing)
  if (!oldest || !(await hasPruned(execution, oldest.from))) return undefined
  let [pruned, kept] = [oldest.from, oldest.to + 1n]
  while (kept - pruned > 1n) {
    const middle = (pruned + kept) / 2n
    if (await hasPruned(execution, middle)) pruned = middle
    else kept = middle
  }
  return kept
}

async function findReceiptless(
  execution: NodeClient,
  range: BlockRange,
  without: ReadonlySet<bigint>,
): Promise<bigint[]> {
  const missing: bigint[] = []
  for (const piece of piecesOf(range, RECEIPTS_BATCH)) {
    const numbers = [...numbersOf(piece)].filter((number) => !without.has(number))
    const counts = await Promise.all(numbers.map((number) => answer(countReceipts(execution, number))))
    for (const [i, count] of counts.entries()) {
      const number = numbers[i]
      // A client without the method says nothing about its receipts.
      if (!count.ok && count.failure === 'method') return []
      if (number !== undefined && (!count.ok || count.value === null)) missing.push(number)
    }
  }
  return missing
}

const gaps = (numbers: readonly bigint[], lacks: Gap['lacks']): Gap[] =>
  rangesOf(numbers).map((range) => ({ ...range, lacks }))
