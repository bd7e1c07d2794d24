import { concatHex, type Hex, keccak256, numberToHex, padHex, serializeTransaction, size, slice } from 'viem'
import { serializeTransaction as serializeOpTransaction } from 'viem/op-stack'
import type { L1Block } from '../../protocol/observation.ts'

const depositor = '0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001'
const l1InfoContract = '0x4200000000000000000000000000000000000015'
const batcher = padHex('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', { size: 32 })

/** Bytes of `setL1BlockValuesIsthmus` calldata: a selector and packed values. */
const L1_INFO_BYTES = 176

/** The deposit that begins every block: it gives the contracts the number of their L1 block (Isthmus). */
export function l1InfoDeposit(origin: L1Block, sequenceNumber: number): Hex {
  const data = concatHex([
    '0x098999be',
    numberToHex(1368, { size: 4 }),
    numberToHex(810949, { size: 4 }),
    numberToHex(sequenceNumber, { size: 8 }),
    numberToHex(origin.timestamp, { size: 8 }),
    numberToHex(origin.number, { size: 8 }),
    numberToHex(1_000_000_000, { size: 32 }),
    numberToHex(1, { size: 32 }),
    origin.hash,
    batcher,
    numberToHex(0, { size: 4 }),
    numberToHex(0, { size: 8 }),
  ])
  const sourceHash = keccak256(concatHex([origin.hash, numberToHex(sequenceNumber, { size: 32 })]))
  return serializeOpTransaction({
    type: 'deposit',
    sourceHash,
    from: depositor,
    to: l1InfoContract,
    gas: 1_000_000n,
    data,
  })
}

/** The position of a block among those with its L1 origin, read from its L1-info deposit. */
export function sequenceNumberOf(deposit: Hex | undefined): number {
  if (deposit === undefined || size(deposit) < L1_INFO_BYTES) return 0
  const start = size(deposit) - L1_INFO_BYTES + 12
  return Number(slice(deposit, start, start + 8))
}

/** A transfer as a user would send it. Its signature is made up: nothing here recovers senders. */
export function userTransaction(seed: Hex, nonce: number, chainId: number): Hex {
  const entropy = keccak256(concatHex([seed, numberToHex(nonce, { size: 4 })]))
  return serializeTransaction(
    {
      type: 'eip1559',
      chainId,
      nonce,
      to: slice(entropy, 0, 20),
      value: BigInt(slice(entropy, 20, 27)),
      gas: 21_000n,
      maxFeePerGas: 2_000_000_000n,
      maxPriorityFeePerGas: 1_000_000n,
    },
    { r: keccak256(entropy), s: keccak256(concatHex([entropy, '0x01'])), yParity: nonce % 2 },
  )
}
