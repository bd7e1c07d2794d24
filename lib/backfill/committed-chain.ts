import type { BlockId, Hash } from '../protocol/block.ts'
import type { AskedSources } from './asked-sources.ts'
import { RangeUnavailableError } from './errors.ts'
import type { BlockRange } from './range.ts'

/**
 * The hashes of a stretch of the committed chain, proved: each block's content hashes to what its
 * child names as its parent, up to the committed head.
 */
export type CommittedChain = BlockRange & {
  /** Of block `number`, from the parent of `from` up to `to`. */
  readonly hashOf: (number: bigint) => Hash
}

/** Headers asked for in one HTTP request. */
const BATCH = 100n

/**
 * Walks from the committed head down to block `from`, by headers where a source has them in batches,
 * else by payloads one by one.
 *
 * @throws RangeUnavailableError when nobody has a block on the way: what lies below it cannot be proved.
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
      const detail = ` (${wanted.hash})${wanted.number > from ? '; without it what is below cannot be proved' : ''}`
      throw new RangeUnavailableError({ from: wanted.number, to: wanted.number }, sources.names, detail)
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
 * The parent hashes of `wanted` and its ancestors, newest first, as far as one batch of a source
 * links. `lacks` remembers from which number down a source is worth asking again.
 */
async function byHeaders(
  sources: AskedSources,
  wanted: BlockId,
  from: bigint,
  lacks: Map<string, bigint>,
): Promise<Hash[] | undefined> {
  const lowest = wanted.number - BATCH + 1n
  const window = { from: lowest > from ? lowest : from, to: wanted.number }
  for (const source of sources.asked) {
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

async function byPayload(sources: AskedSources, wanted: BlockId): Promise<Hash[] | undefined> {
  const taken = await sources.take(wanted)
  return taken && [taken.envelope.executionPayload.parentHash]
}
