import type { AskedSources, Taken } from './asked-sources.ts'
import type { CommittedChain } from './committed-chain.ts'
import { RangeUnavailableError } from './errors.ts'
import { type BlockRange, numbersOf } from './range.ts'

/**
 * Fetches the payloads of a range, oldest first, a few ahead of the reader; each is proved to be the committed one.
 * Memory is bounded by `ahead` payloads.
 *
 * @throws RangeUnavailableError at the first block that no source has, naming the whole missing range.
 */
export async function* fetchPayloads(
  sources: AskedSources,
  chain: CommittedChain,
  range: BlockRange,
  { ahead = 16 }: { readonly ahead?: number } = {},
): AsyncGenerator<Taken, void> {
  const take = async (number: bigint) => ({
    number,
    taken: await sources.take({ number, hash: chain.hashOf(number), parentHash: chain.hashOf(number - 1n) }),
  })
  const numbers = numbersOf(range)
  const fetching: ReturnType<typeof take>[] = []
  const fill = () => {
    while (fetching.length < ahead) {
      const { value, done } = numbers.next()
      if (done) return
      const next = take(value)
      // The reader gets the error; until then it must not count as an unhandled rejection.
      next.catch(() => {})
      fetching.push(next)
    }
  }
  for (fill(); ; fill()) {
    const next = await fetching.shift()
    if (!next) return
    if (!next.taken) throw await unavailable(sources, chain, { from: next.number, to: range.to })
    yield next.taken
  }
}

/** How many blocks to search for the end of a missing range. */
const MOST_LOOKED = 1_000n

async function unavailable(sources: AskedSources, chain: CommittedChain, { from, to }: BlockRange) {
  let last = from
  while (last < to && last - from < MOST_LOOKED) {
    const number = last + 1n
    if (await sources.take({ number, hash: chain.hashOf(number) })) break
    last = number
  }
  return new RangeUnavailableError({ from, to: last }, sources.names)
}
