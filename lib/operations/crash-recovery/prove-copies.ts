import type { Head } from '../../protocol/records.ts'
import { AskedSources } from '../backfill/asked-sources.ts'
import { proveChain } from '../backfill/committed-chain.ts'
import { sourcesFor } from '../backfill/plan.ts'
import { TooDangerousError } from './errors.ts'
import type { Recovering } from './ports.ts'

/** Number of payloads fetched and checked, spread over the range. */
const SAMPLES = 500n

/**
 * Proves that what a node is about to lose exists elsewhere: proves the committed chain from `from` to the head by its
 * hashes, and fetches payloads at both ends and in between, never from the node itself.
 *
 * @throws TooDangerousError naming what no other source has.
 */
export async function proveCopies(
  { ports, node, signal }: Recovering,
  method: string,
  head: Head,
  from: bigint,
): Promise<void> {
  const others = new AskedSources(sourcesFor(ports, node, head).filter(({ name }) => name !== node))
  const count = head.number - from + 1n
  const step = count > SAMPLES ? count / SAMPLES : 1n
  try {
    const chain = await proveChain(others, head, from, signal)
    for (let number = from; number <= head.number; number += step) {
      if (await others.take({ number, hash: chain.hashOf(number) })) continue
      throw new TooDangerousError(node, method, `no other source has block ${number} ${chain.hashOf(number)}`)
    }
  } catch (error) {
    if (error instanceof TooDangerousError) throw error
    throw new TooDangerousError(node, method, error instanceof Error ? error.message : String(error))
  }
}
