import * as v from 'valibot'
import { hash, quantity } from '../../chain/schema.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import { quoteForeign } from '../../protocol/printable.ts'
import type { Snapshot, ZkBatch, ZkBlock } from './block-range.ts'
import { ZkNodeFailed } from './errors.ts'
import type { Rpc } from './rpc.ts'

const block = v.object({
  number: quantity,
  hash,
  parentHash: hash,
  timestamp: quantity,
  stateRoot: hash,
  transactions: v.optional(v.nullable(v.array(hash))),
})
const batch = v.object({ number: quantity, closed: v.boolean(), blocks: v.optional(v.nullable(v.array(hash))) })

const hex = (number: bigint) => `0x${number.toString(16)}`

/** The node's newest batch; it may still be open. RPC: `zkevm_batchNumber`. */
export const readTipBatch = (rpc: Rpc): Promise<bigint> => rpc.ask('zkevm_batchNumber', [], quantity)

/** RPC: `web3_clientVersion`. */
export const readVersion = async (rpc: Rpc): Promise<string> =>
  quoteForeign(await rpc.ask('web3_clientVersion', [], v.string()), 200)

/** The newest block. RPC: `eth_getBlockByNumber`. */
export const readTip = (rpc: Rpc): Promise<BlockId> =>
  rpc.ask('eth_getBlockByNumber', ['latest', false], v.object({ number: quantity, hash }))

/** The hash of a block; `undefined` = no block of this number. RPC: `eth_getBlockByNumber`. */
export async function readHash(rpc: Rpc, number: bigint): Promise<Hash | undefined> {
  const found = await rpc.ask('eth_getBlockByNumber', [hex(number), false], v.nullable(v.object({ hash })))
  return found?.hash
}

/** A batch, its blocks by hash. RPC: `zkevm_getBatchByNumber`. */
export async function readBatch(rpc: Rpc, number: bigint): Promise<ZkBatch & { readonly blocks: readonly Hash[] }> {
  const found = await rpc.ask('zkevm_getBatchByNumber', [hex(number), false], v.nullable(batch))
  if (!found) throw new ZkNodeFailed(`batch ${number}`, 'the node has no such batch')
  return { number: found.number, closed: found.closed, blocks: found.blocks ?? [] }
}

/** The last block of a batch. */
export async function readLastBlock(rpc: Rpc, number: bigint): Promise<BlockId> {
  const last = (await readBatch(rpc, number)).blocks.at(-1)
  if (!last) throw new ZkNodeFailed(`batch ${number}`, 'it has no block')
  return rpc.ask('eth_getBlockByHash', [last, false], v.object({ number: quantity, hash }))
}

/**
 * Everything after batch `keep` up to batch `tip`, and the last `prefix` blocks up to `keep`. RPC:
 * `zkevm_getBatchByNumber`, `zkevm_getFullBlockByNumber`.
 */
export async function readSighting(rpc: Rpc, keep: bigint, tip: bigint, prefix: number): Promise<Snapshot> {
  const last = await readLastBlock(rpc, keep)
  const numbers = range(keep + 1n, tip)
  const found = await rpc.askAll(
    'zkevm_getBatchByNumber',
    numbers.map((n) => [hex(n), false]),
    batch,
  )
  const homes = new Map(found.flatMap(({ number, blocks }) => (blocks ?? []).map((id) => [id, number] as const)))
  const raw = await rpc.askAll(
    'zkevm_getFullBlockByNumber',
    range(last.number + 1n, last.number + BigInt(homes.size)).map((n) => [hex(n), false]),
    block,
  )
  const blocks: ZkBlock[] = raw.map(({ transactions, ...header }) => {
    const home = homes.get(header.hash)
    if (home === undefined) throw new ZkNodeFailed(`block ${header.number}`, 'no batch after the kept one names it')
    return { ...header, transactions: transactions ?? [], batch: home }
  })
  const from = last.number >= BigInt(prefix) ? last.number - BigInt(prefix) + 1n : 0n
  const kept = await rpc.askAll(
    'eth_getBlockByNumber',
    range(from, last.number).map((n) => [hex(n), false]),
    v.object({ number: quantity, hash }),
  )
  return { kept, range: { blocks, batches: found.map(({ number, closed }) => ({ number, closed })) } }
}

function range(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Math.max(0, Number(to - from) + 1) }, (_, i) => from + BigInt(i))
}
