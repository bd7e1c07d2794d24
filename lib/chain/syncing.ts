import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { NodeClient } from './client.ts'

/** Whether an execution client syncs by itself, and if so a mark that differs once anything about it moves. */
export type Syncing = {
  readonly syncing: boolean
  readonly mark?: string
  /** The block it is at, and the one it wants to get to, where it tells both. */
  readonly blocks?: { readonly current: bigint; readonly highest: bigint }
}

const answer = v.union([v.literal(false), v.record(v.string(), v.unknown())])

/**
 * Reads whether the execution client syncs by itself from its peers; indexing what it has, which clients report as
 * well, is none: op-geth that was killed may index for ever. What it says is no proof: a client whose state is gone
 * says `false`, and one without peers syncs for ever. A snap sync shows no new block for hours: only its other fields
 * move, and each client names them as it likes.
 *
 * - JSON-RPC: `eth_syncing`
 */
export async function getSyncing(client: NodeClient): Promise<Syncing> {
  const progress = v.parse(answer, await client.request({ method: 'eth_syncing' }))
  if (progress === false || !isSyncing(progress)) return { syncing: false }
  // Where it wants to get to moves with the chain, whatever it does itself.
  const { highestBlock, ...own } = progress
  const mark = createHash('sha256').update(JSON.stringify(own)).digest('hex').slice(0, 16)
  const [current, highest] = [countOf(own.currentBlock), countOf(highestBlock)]
  const told = current !== undefined && highest !== undefined
  return { syncing: true, mark, ...(told && { blocks: { current, highest } }) }
}

/** Behind its goal, or mending the state it fetched; a client that tells neither would not answer with an object. */
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
