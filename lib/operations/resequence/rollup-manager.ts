import * as v from 'valibot'
import type { Address, Hex } from 'viem'
import { encodeFunctionData, numberToHex, parseAbi, toFunctionSelector } from 'viem/utils'
import { bytes, quantity } from '../../chain/schema.ts'
import { ZkNodeFailed } from './errors.ts'
import type { Rpc } from './rpc.ts'

/** The rollup on L1, as configured. */
export type RollupOnL1 = { readonly manager: Address; readonly rollup: Address; readonly firstBlock: bigint }

/** The state of the rollup's batches on L1. */
export type L1State = {
  readonly rollupId: bigint
  readonly sequenced: bigint
  readonly verified: bigint
  readonly admin: Address
}

/** A transaction for a person to send: Baton has no key of the rollup's admin, and should not. */
export type RollbackTransaction = { readonly from: Address; readonly to: Address; readonly data: Hex }

/** `SequenceBatches(uint64,bytes32)` of the rollup. */
const SEQUENCED = '0x3e54d0825ed78523037d00a81759237eb436ce774bd546993ee67a1b67b6e766'
/** `RollbackBatches(uint64,bytes32)` of the rollup: the event cdk-erigon follows. */
const ROLLED_BACK = '0x1125aaf62d132d8e2d02005114f8fc360ff204c3105e4f1a700a1340dc55d5b1'
/** Bound on the sequences between the tip and any batch worth keeping; each holds many batches. */
const MOST_SEQUENCES = 10_000

const abi = parseAbi(['function rollbackBatches(address rollupContract, uint64 targetBatch)'])
const selectors = {
  id: toFunctionSelector('rollupAddressToID(address)'),
  data: toFunctionSelector('rollupIDToRollupData(uint32)'),
  sequence: toFunctionSelector('getRollupSequencedBatches(uint32,uint64)'),
  admin: toFunctionSelector('admin()'),
} as const

/** Reads the state on L1. Contract: zkevm-contracts v8, `PolygonRollupManager`. */
export async function readL1State(l1: Rpc, { manager, rollup }: RollupOnL1): Promise<L1State> {
  const [rollupId = 0n] = await call(l1, manager, selectors.id, [BigInt(rollup)])
  if (rollupId === 0n) throw new ZkNodeFailed('L1', `the manager ${manager} knows no rollup ${rollup}`)
  const data = await call(l1, manager, selectors.data, [rollupId])
  const [admin = 0n] = await call(l1, rollup, selectors.admin, [])
  const [sequenced, verified] = [data[5], data[6]]
  if (sequenced === undefined || verified === undefined) {
    throw new ZkNodeFailed('L1', `the manager ${manager} answers with another layout than that of v8`)
  }
  return { rollupId, sequenced, verified, admin: numberToHex(admin, { size: 20 }) }
}

/** Whether `batch` is the last one of a sequence: the manager rolls back to no other. */
export async function isSequenceEnd(l1: Rpc, at: RollupOnL1, state: L1State, batch: bigint): Promise<boolean> {
  let end = state.sequenced
  for (let i = 0; i < MOST_SEQUENCES && end > batch; i++) {
    const before = (await call(l1, at.manager, selectors.sequence, [state.rollupId, end]))[2]
    if (before === undefined || before >= end) return false
    end = before
  }
  return end === batch
}

/** The transaction that makes `batch` the last sequenced one. */
export function rollbackTransaction(at: RollupOnL1, state: L1State, batch: bigint): RollbackTransaction {
  const data = encodeFunctionData({ abi, functionName: 'rollbackBatches', args: [at.rollup, batch] })
  return { from: state.admin, to: at.manager, data }
}

/** Runs the transaction without sending it. Throws {@link ZkNodeFailed} with the contract's reason. */
export async function simulateRollback(l1: Rpc, transaction: RollbackTransaction): Promise<void> {
  await l1.ask('eth_call', [transaction, 'latest'], v.unknown())
}

/**
 * The L1 block, from block `since` on, that rolled back the sequences after `batch`; `undefined` = none. Ignores a
 * rollback to the same batch by an earlier run.
 */
export async function findRollback(
  l1: Rpc,
  { rollup }: RollupOnL1,
  batch: bigint,
  since: bigint,
): Promise<bigint | undefined> {
  const filter = { address: rollup, fromBlock: numberToHex(since), toBlock: 'latest' }
  const topics = [ROLLED_BACK, numberToHex(batch, { size: 32 })]
  const logs = await l1.ask('eth_getLogs', [{ ...filter, topics }], v.array(v.object({ blockNumber: quantity })))
  return logs.at(-1)?.blockNumber
}

/**
 * The L1 block of the sequence that ends with `batch`: a recovery of later batches starts reading there. If a batch was
 * sent again, the newest one counts; without one, the rollup's first sequence.
 */
export async function findSequence(
  l1: Rpc,
  { rollup, firstBlock }: RollupOnL1,
  batch: bigint,
): Promise<bigint | undefined> {
  const filter = { address: rollup, fromBlock: numberToHex(firstBlock), toBlock: 'latest' }
  const logs = v.array(v.object({ blockNumber: quantity }))
  const ask = async (topics: readonly Hex[]) => await l1.ask('eth_getLogs', [{ ...filter, topics }], logs)
  const own = (await ask([SEQUENCED, numberToHex(batch, { size: 32 })])).at(-1)
  return (own ?? (await ask([SEQUENCED]))[0])?.blockNumber
}

/** The newest L1 block. */
export async function readNewest(l1: Rpc): Promise<bigint> {
  return (await l1.ask('eth_getBlockByNumber', ['latest', false], v.object({ number: quantity }))).number
}

/** The newest finalized L1 block. */
export async function readFinalized(l1: Rpc): Promise<bigint> {
  return (await l1.ask('eth_getBlockByNumber', ['finalized', false], v.object({ number: quantity }))).number
}

async function call(l1: Rpc, to: Address, selector: Hex, words: readonly bigint[]): Promise<bigint[]> {
  const data = selector + words.map((word) => numberToHex(word, { size: 32 }).slice(2)).join('')
  const result = await l1.ask('eth_call', [{ to, data }, 'latest'], bytes)
  return (result.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`))
}
