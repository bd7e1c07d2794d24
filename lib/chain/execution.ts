import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { type Hex, numberToHex } from 'viem'
import type { NodeClient } from './client.ts'
import { quantity } from './schema.ts'

/** Whether an execution client syncs by itself, and if so a mark that differs once anything about it moves. */
export type Syncing = {
  readonly syncing: boolean
  readonly mark?: string
  /** The block it is at, and the one it wants to get to, where it tells both. */
  readonly blocks?: { readonly current: bigint; readonly highest: bigint }
}

const syncingAnswer = v.union([v.literal(false), v.record(v.string(), v.unknown())])

/**
 * Reads whether the execution client syncs by itself from its peers; indexing what it has, which clients report as
 * well, is none: op-geth that was killed may index for ever. What it says is no proof: a client whose state is gone
 * says `false`, and one without peers syncs for ever. A snap sync shows no new block for hours: only its other fields
 * move, and each client names them as it likes.
 *
 * - JSON-RPC: `eth_syncing`
 */
export async function getSyncing(client: NodeClient): Promise<Syncing> {
  const progress = v.parse(syncingAnswer, await client.request({ method: 'eth_syncing' }))
  if (progress === false || !isSyncing(progress)) return { syncing: false }
  // Where it wants to get to moves with the chain, whatever it does itself.
  const { highestBlock, ...own } = progress
  const mark = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 16)
  const [current, highest] = [countOf(own.currentBlock), countOf(highestBlock)]
  const known = current !== undefined && highest !== undefined
  return { syncing: true, mark, ...(known && { blocks: { current, highest } }) }
}

/** Behind its goal, or mending the state it fetched; a client that tells neither would not syncingAnswer with an object. */
function isSyncing(progress: Readonly<Record<string, unknown>>): boolean {
  const [current, highest] = [countOf(progress.currentBlock), countOf(progress.highestBlock)]
  if (current === undefined || highest === undefined || highest > current) return true
  return [progress.healingTrienodes, progress.healingBytecode].some((left) => (countOf(left) ?? 0n) > 0n)
}

/** A count as any client writes it: hex, digits, or a number. */
function countOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined
  return typeof value === 'string' && /^(0x[0-9a-fA-F]+|\d+)$/.test(value) ? BigInt(value) : undefined
}

/** The L2-to-L1 message passer: an account every OP chain has from its genesis. */
const messagePasser = '0x4200000000000000000000000000000000000016'

/**
 * Reads an account at the execution client's newest block, or at block `at`, to see whether that block's
 * state is there: after a crash a node may name a block whose state was lost. Resolves when it is readable.
 *
 * - JSON-RPC: `eth_getBalance`
 * - Fails with a text such as "missing trie node …" when the state is gone.
 */
export async function probeState(client: NodeClient, at?: bigint): Promise<void> {
  const block = at === undefined ? 'latest' : numberToHex(at)
  v.parse(quantity, await client.request({ method: 'eth_getBalance', params: [messagePasser, block] }))
}

/**
 * Rewinds an execution client to one of its blocks and deletes what is stored above it. The answer
 * proves nothing: op-geth may land lower, reth answers without doing anything. Look afterwards.
 *
 * - JSON-RPC: `debug_setHead` (needs `--http.api=debug`)
 */
export async function setHead(client: NodeClient, number: bigint): Promise<void> {
  await client.request({ method: 'debug_setHead', params: [numberToHex(number)] })
}

/** Whether the client offers `debug_setHead`; asked with a parameter it must refuse, so that nothing changes. */
export async function offersSetHead(client: NodeClient): Promise<boolean> {
  const error = await client.request({ method: 'debug_setHead', params: ['no-number'] }).catch((cause: Error) => cause)
  return error instanceof Error && /invalid argument|hex string|cannot unmarshal/i.test(error.message)
}

/** An account as of a block: what it has (wei), and how many transactions of it are in blocks up to there. */
export type Account = { readonly balanceWei: bigint; readonly nonce: bigint }

/**
 * Reads an account as of a block.
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
