import type { BlockId, Hash } from '../../protocol/block.ts'
import type { AskedSources } from './asked-sources.ts'
import { RangeUnavailableError } from './errors.ts'
import { type BlockRange, numbersOf } from './range.ts'

/**
 * The proved hashes of a range of the committed chain: each block's content hashes to the parent hash that its child
 * names, up to the committed head.
 */
export type CommittedChain = BlockRange & {
  /** The hash of block `number`, from the parent of `from` up to `to`. */
  readonly hashOf: (number: bigint) => Hash
}

/** Headers per HTTP request. */
const BATCH = 100n

/**
 * Walks from the committed head down to block `from`, by headers where a source serves them in batches, else by
 * payloads one by one.
 *
 * @throws RangeUnavailableError when no source has a block on the way: nothing below it can be proved.
 */
export async function proveChain(
  sources: AskedSources,
  head: BlockId,
  from: bigint,
  signal?: AbortSignal,
): Promise<CommittedChain> {
  const hashes = new Map<bigint, Hash>()
  const lacks = new Map<string, bigint>()
  let wanted: BlockId = { number: head.number, hash: head.hash }
  hashes.set(wanted.number, wanted.hash)
  while (wanted.number >= from) {
    signal?.throwIfAborted()
    const parents = (await byHeaders(sources, wanted, from, lacks)) ?? (await byPayload(sources, wanted))
    if (!parents) {
      const range = { from: await lowestMissing(sources, wanted.number, from), to: wanted.number }
      const below = range.from > from ? ', without which nothing below can be proved' : ''
      throw new RangeUnavailableError(range, sources.names, ` (block ${wanted.number} is ${wanted.hash})${below}`)
    }
    for (const parent of parents) {
      wanted = { number: wanted.number - 1n, hash: parent }
      hashes.set(wanted.number, parent)
    }
  }
  return {
    from,
    to: head.number,
    hashOf(number) {
      const hash = hashes.get(number)
      if (!hash) throw new RangeError(`block ${number} is not in the proved stretch ${from}–${head.number}`)
      return hash
    },
  }
}

/**
 * The parent hashes of `wanted` and its ancestors, newest first, as far as one batch of a source links. `lacks`
 * remembers the number from which a source is worth asking again.
 */
async function byHeaders(
  sources: AskedSources,
  wanted: BlockId,
  from: bigint,
  lacks: Map<string, bigint>,
): Promise<Hash[] | undefined> {
  const lowest = wanted.number - BATCH + 1n
  const window = { from: lowest > from ? lowest : from, to: wanted.number }
  const cheapFirst = sources.asked.toSorted((a, b) => Number(a.slowHeaders ?? false) - Number(b.slowHeaders ?? false))
  for (const source of cheapFirst) {
    const { headers, name } = source
    if (!headers || wanted.number > (lacks.get(name) ?? wanted.number)) continue
    const found = (await sources.ask(source, wanted, () => headers(window))) ?? []
    const parents: Hash[] = []
    let hash = wanted.hash
    for (const header of found.toReversed()) {
      if (header?.hash !== hash) break
      hash = header.header.parentHash
      parents.push(hash)
    }
    if (parents.length > 0) return parents
    const top = found.findLast((header) => header !== null && header.number < wanted.number)
    lacks.set(name, top && found.at(-1) === null ? top.number : window.from - 1n)
  }
  return undefined
}

/** How far down to search for the end of the missing range. */
const MOST_LOOKED = 10_000n
const LOOKED_AT_ONCE = 16n

/**
 * The lowest number, from `number` down, of the blocks that no source has. It goes by numbers, because the hashes are
 * unknown.
 */
async function lowestMissing(sources: AskedSources, number: bigint, from: bigint): Promise<bigint> {
  const end = number - from > MOST_LOOKED ? number - MOST_LOOKED : from
  for (let top = number - 1n; top >= end; top -= LOOKED_AT_ONCE) {
    const bottom = top - LOOKED_AT_ONCE + 1n > end ? top - LOOKED_AT_ONCE + 1n : end
    const numbers = [...numbersOf({ from: bottom, to: top })].reverse()
    const had = await Promise.all(numbers.map((below) => anyoneHas(sources, below)))
    const found = numbers[had.indexOf(true)]
    if (found !== undefined) return found + 1n
  }
  return end
}

async function anyoneHas(sources: AskedSources, number: bigint): Promise<boolean> {
  const had = await Promise.all(sources.asked.map((source) => source.has(number).catch(() => false)))
  return had.some((has) => has !== false)
}

async function byPayload(sources: AskedSources, wanted: BlockId): Promise<Hash[] | undefined> {
  const taken = await sources.take(wanted)
  return taken && [taken.envelope.executionPayload.parentHash]
}
