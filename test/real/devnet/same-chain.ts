import type { Hex } from 'viem'
import type { Host } from './host.ts'
import { rpcBatch } from './rpc.ts'

/** A height at which hosts have different blocks, or one has none. */
export type Difference = { readonly number: number; readonly hashes: Readonly<Record<string, Hex | undefined>> }

/** Compares the hash at every height up to this one on every host; empty if all are equal. */
export async function chainDifferences(hosts: readonly Host[], upto: number): Promise<Difference[]> {
  const chains = await Promise.all(hosts.map((host) => hashes(host.executionUrl, upto)))
  const heights = Array.from({ length: upto + 1 }, (_, number) => number)
  return heights
    .filter((number) => new Set(chains.map((chain) => chain[number])).size > 1)
    .map((number) => ({
      number,
      hashes: Object.fromEntries(hosts.map((host, index) => [host.name, chains[index]?.[number]])),
    }))
}

/** Throws if hosts differ anywhere up to this height. */
export async function assertSameChain(hosts: readonly Host[], upto: number): Promise<void> {
  const differences = await chainDifferences(hosts, upto)
  const [first] = differences
  if (first)
    throw new Error(`${differences.length} heights differ, first ${first.number}: ${JSON.stringify(first.hashes)}`)
}

async function hashes(url: string, upto: number): Promise<(Hex | undefined)[]> {
  const all: (Hex | undefined)[] = []
  // op-geth answers at most a thousand calls in one request.
  for (let from = 0; from <= upto; from += 500) {
    const numbers = Array.from({ length: Math.min(500, upto - from + 1) }, (_, i) => from + i)
    const calls = numbers.map((n) => ['eth_getBlockByNumber', [`0x${n.toString(16)}`, false]] as const)
    const blocks = await rpcBatch<{ hash: Hex } | null>(url, calls)
    all.push(...blocks.map((block) => block?.hash))
  }
  return all
}
