import { getBlockHash } from '../../chain/block.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Head } from '../../protocol/records.ts'
import { AskedSources } from '../backfill/asked-sources.ts'
import { proveChain } from '../backfill/committed-chain.ts'
import { sourcesFor } from '../backfill/plan.ts'
import { missingAt } from '../backfill/verify.ts'
import { buildCanary } from './canary.ts'
import { StepWithoutEffectError } from './errors.ts'
import type { Recovering } from './ports.ts'

/** The evidence that a node works again. */
export type Verified = { readonly at: BlockId; readonly compared: number; readonly canary: string }

/** Hashes per request. */
const BATCH = 100n

/**
 * Verifies that a node works: the committed hash at every height it was given, the state of its newest committed block,
 * and a block built on it.
 *
 * @param from the lowest height that was in doubt.
 * @throws StepWithoutEffectError naming what is still wrong.
 */
export async function verify(recovering: Recovering, head: Head, at: BlockId, from: bigint): Promise<Verified> {
  const { ports, node, signal } = recovering
  const { execution } = ports.clients(node)
  const wrong = (observed: string) => new StepWithoutEffectError(node, 'the recovery', 'went through', observed)
  const sources = new AskedSources(sourcesFor(ports, node, head))
  // The proof of a block also names its parent.
  const chain = await proveChain(sources, head, from + 1n, signal)
  let compared = 0
  for (let first = from; first <= at.number; first += BATCH) {
    const last = first + BATCH - 1n < at.number ? first + BATCH - 1n : at.number
    const numbers = Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i))
    signal.throwIfAborted()
    const hashes = await Promise.all(numbers.map((number) => getBlockHash(execution, number)))
    for (const [i, number] of numbers.entries()) {
      if (hashes[i] !== chain.hashOf(number))
        throw wrong(`its block ${number} is ${hashes[i]}, not ${chain.hashOf(number)}`)
      compared++
    }
  }
  const missing = await missingAt(execution, at)
  if (missing !== undefined) throw wrong(missing)
  return { at, compared, canary: await buildCanary(recovering) }
}
