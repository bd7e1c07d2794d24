import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Hex } from 'viem'
import { numberToHex } from 'viem/utils'
import type { NodeClient } from './client.ts'
import { quantity } from './schema.ts'

/** Whether an execution client syncs by itself; if so, a mark that changes with any progress. */
export type Syncing = {
  readonly syncing: boolean
  readonly mark?: string
  /** Its current and its target block, if the client reports both. */
  readonly blocks?: { readonly current: bigint; readonly highest: bigint }
}

const syncingAnswer = v.union([v.literal(false), v.record(v.string(), v.unknown())])

/**
 * Reads whether the execution client syncs by itself from its peers. Indexing, which clients report too, does not
 * count: an op-geth that was killed may index forever. The answer is no proof: a client without its state answers
 * `false`, and one without peers syncs forever. A snap sync shows no new block for hours; only its other fields change,
 * and their names differ by client.
 *
 * - JSON-RPC: `eth_syncing`
 */
export async function getSyncing(client: NodeClient): Promise<Syncing> {
  const progress = v.parse(syncingAnswer, await client.request({ method: 'eth_syncing' }))
  if (progress === false || !isSyncing(progress)) return { syncing: false }
  // The target moves with the chain, whatever the client does.
  const { highestBlock, ...own } = progress
  const stages = stagesOf(progress)
  const mark = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 16)
  const [current, highest] = stages
    ? [stages.execution, stages.highest]
    : [countOf(own.currentBlock), countOf(highestBlock)]
  const known = current !== undefined && highest !== undefined
  return { syncing: true, mark, ...(known && { blocks: { current, highest } }) }
}

const stage = v.object({ name: v.string(), block: v.unknown() })

/**
 * The stages of a reth's sync: where the slowest is, and where the first of them is. `undefined` = it has none, or is
 * no reth.
 */
function stagesOf({ stages }: Readonly<Record<string, unknown>>) {
  const read = v.safeParse(v.array(stage), stages)
  if (!read.success) return undefined
  const at = new Map(
    read.output.flatMap(({ name, block }) => {
      const count = countOf(block)
      return count === undefined ? [] : [[name, count] as const]
    }),
  )
  const highest = [...at.values()].reduce((a, b) => (a > b ? a : b), 0n)
  const execution = at.get('Execution')
  return execution === undefined ? {} : { execution, highest }
}

/**
 * Behind its target, or healing its fetched state; a client that reports neither would not answer with an object. A reth
 * answers with one only while it syncs, and names its newest block as its target, too (paradigmxyz/reth,
 * `crates/rpc/rpc-eth-api/src/helpers/spec.rs`).
 */
function isSyncing(progress: Readonly<Record<string, unknown>>): boolean {
  if (Array.isArray(progress.stages)) return true
  const [current, highest] = [countOf(progress.currentBlock), countOf(progress.highestBlock)]
  if (current === undefined || highest === undefined || highest > current) return true
  return [progress.healingTrienodes, progress.healingBytecode].some((left) => (countOf(left) ?? 0n) > 0n)
}

/** A count in any client's format: hex, digits, or a number. */
function countOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^(0x[0-9a-fA-F]+|\d+)$/.test(value) ? BigInt(value) : undefined
}

/** The L2-to-L1 message passer: an account of every OP chain since genesis. */
const messagePasser = '0x4200000000000000000000000000000000000016'

/**
 * Reads an account at the execution client's newest block, or at block `at`, to check that the block's state exists:
 * after a crash a node may name a block without state. Resolves when the state is readable.
 *
 * - JSON-RPC: `eth_getBalance`
 * - Fails with a text such as "missing trie node …" when the state is gone.
 */
export async function probeState(client: NodeClient, at?: bigint): Promise<void> {
  const block = at === undefined ? 'latest' : numberToHex(at)
  v.parse(quantity, await client.request({ method: 'eth_getBalance', params: [messagePasser, block] }))
}

/**
 * Rewinds an execution client to one of its blocks and deletes everything above. The answer proves nothing: op-geth may
 * land lower, reth answers without acting. Observe the result.
 *
 * - JSON-RPC: `debug_setHead` (needs `--http.api=debug`)
 */
export async function setHead(client: NodeClient, number: bigint): Promise<void> {
  await client.request({ method: 'debug_setHead', params: [numberToHex(number)] })
}

/** Whether the client serves `debug_setHead`; calls it with a parameter it must refuse, so that nothing changes. */
export async function offersSetHead(client: NodeClient): Promise<boolean> {
  const error = await client.request({ method: 'debug_setHead', params: ['no-number'] }).catch((cause: Error) => cause)
  return error instanceof Error && /invalid argument|hex string|cannot unmarshal/i.test(error.message)
}

/** An account at a block: its balance (wei), and the number of its transactions up to that block. */
export type Account = { readonly balanceWei: bigint; readonly nonce: bigint }

/**
 * Reads an account at a block.
 *
 * - JSON-RPC: `eth_getBalance`, `eth_getTransactionCount`
 * - Fails for blocks whose state is gone: a full node keeps that of the newest 128.
 */
export async function getAccount(client: NodeClient, address: Hex, at: bigint): Promise<Account> {
  const params = [address, numberToHex(at)] as const
  const [balance, nonce] = await Promise.all([
    client.request({ method: 'eth_getBalance', params }),
    client.request({ method: 'eth_getTransactionCount', params }),
  ])
  return { balanceWei: v.parse(quantity, balance), nonce: v.parse(quantity, nonce) }
}
