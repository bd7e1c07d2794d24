import { expect, type TestContext } from 'vitest'
import { createNodeClient } from '../../../lib/chain/client.ts'
import { type ObserveOptions, observe } from '../../../lib/chain/observe.ts'
import { type StartOutcome, startSequencer } from '../../../lib/chain/sequencer.ts'
import { type SimulatedChainOptions, startSimulatedChain } from '../../../lib/simulator/chain/chain.ts'
import { type CommitRule, startCommitRule } from './commit-rule.ts'

export const BLOCK_MS = 200

/** What a test that runs beside others must take from its own context. */
type Context = Pick<TestContext, 'onTestFinished' | 'expect'>

/** Polls until `check` passes; fails with its last error. */
export const eventually = ({ expect }: Context, check: () => unknown, timeout = 4_000) =>
  expect.poll(check, { timeout, interval: 15 })

/** A chain with fast blocks, a gate, and clients of every node. */
export async function startWorld(context: Context, options: Partial<SimulatedChainOptions> = {}) {
  const gate: CommitRule = await startCommitRule(context)
  const chain = await startSimulatedChain({
    conductorUrl: gate.url,
    blockTimeMs: BLOCK_MS,
    l1BlockTimeMs: 12_000,
    ...options,
  })
  context.onTestFinished(() => chain.stop())
  await gate.seed(chain.genesis)

  const clients = (name: string, timeoutMs = 300) => ({
    consensus: createNodeClient(chain.node(name).consensusUrl, { timeoutMs }),
    execution: createNodeClient(chain.node(name).executionUrl, { timeoutMs }),
  })
  const look = (name: string, at?: ObserveOptions['at']) => observe(name, clients(name), { at, now: Date.now })
  const headOf = (name: string) => chain.node(name).consensus.heads?.unsafe.number ?? -1n
  const start = (name: string, hash: `0x${string}`): Promise<StartOutcome> =>
    startSequencer(createNodeClient(chain.node(name).consensusUrl, { batch: false, timeoutMs: 2_000 }), hash)

  return {
    gate,
    chain,
    clients,
    look,
    headOf,
    start,
    /** Grants a node the next term and starts it at the head; tries until it is adopted, as Baton does. */
    async lead(name: string) {
      const { hash } = await gate.grant(name)
      await eventually(context, async () => (await start(name, hash)).outcome).toBe('started')
    },
    /** Waits until that many more blocks are committed. */
    async blocks(count: number) {
      const from = gate.commits.length
      await eventually(context, () => gate.commits.length - from, 1_500 + 2 * count * BLOCK_MS).toBeGreaterThanOrEqual(
        count,
      )
    },
    /** Waits until every (named) node is at the committed head or beyond it by none. */
    async converge(...names: string[]) {
      for (const name of names) {
        await eventually(
          context,
          async () => headOf(name) - ((await gate.head())?.number ?? 0n),
        ).toBeGreaterThanOrEqual(0n)
      }
      expectOneChain(chain.canonical())
    },
  }
}

type Chains = ReadonlyMap<string, readonly { number: bigint; hash: string; parentHash: string }[]>

/** No two nodes have different blocks at one number, and each chain is linked. */
export function expectOneChain(chains: Chains): void {
  const hashes = new Map<bigint, string>()
  for (const [, blocks] of chains) {
    for (const [index, { number, hash, parentHash }] of blocks.entries()) {
      expect(hashes.get(number) ?? hash).toBe(hash)
      hashes.set(number, hash)
      if (index > 0) expect(parentHash).toBe(blocks[index - 1]?.hash)
    }
  }
}
