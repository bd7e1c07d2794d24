import { numberToHex } from 'viem'
import type { Block, BlockId, Hash } from '../../lib/protocol/block.ts'
import { genesisBlock } from '../../lib/simulator/chain/payload.ts'
import type { Scope } from './scope.ts'

/** Two blocks a height are enough to see whether one was replaced. */
const LABELS = ['a', 'b'] as const

/** The hash says number and label, so that traces can be read; nothing checks that a node reports it truly. */
export const hashOf = (number: number, label: 'a' | 'b'): Hash =>
  `0x${(number + 1).toString(16).padStart(62, '0')}${label === 'a' ? '0a' : '0b'}`

export const labelOf = (hash: string): string => `${Number.parseInt(hash.slice(2, 64), 16) - 1}${hash.slice(-1)}`
/** The number a hash was made for. */
const madeFor = (hash: string): number => Number.parseInt(hash.slice(2, 64), 16) - 1

export const block = (number: number, hash: Hash, parentHash: Hash): Block => ({
  number: BigInt(number),
  hash,
  parentHash,
  timestamp: BigInt(number),
})

export const GENESIS: Block = block(0, hashOf(0, 'a'), hashOf(-1, 'a'))

const hashesAt = (number: number): Hash[] =>
  number < 1 ? [hashOf(number, 'a')] : LABELS.map((label) => hashOf(number, label))

/** Every block of a number an honest chain could have. */
export const blocksAt = (number: number): Block[] =>
  hashesAt(number).flatMap((hash) => hashesAt(number - 1).map((parent) => block(number, hash, parent)))

export const childrenOf = ({ number, hash }: BlockId): Block[] =>
  hashesAt(Number(number) + 1).map((child) => block(Number(number) + 1, child, hash))

/**
 * Whatever a node may claim: any number, with any parent, and the hash of that height or of any block it knows. Where
 * two claims differ in nothing any condition or rule can see, one stands for both.
 */
export function claims(head: BlockId, { height }: Scope): Block[] {
  const numbers = Array.from({ length: height }, (_, i) => i + 1)
  const parents = [0, ...numbers].flatMap(hashesAt)
  return numbers.flatMap((number) =>
    [...hashesAt(number), head.hash].flatMap((hash) => parents.map((parent) => block(number, hash, parent))),
  )
}

/** The heights of which a text names the first or the second block, as bits. */
export function heightsIn(text: string): { readonly firsts: number; readonly seconds: number } {
  let firsts = 0
  let seconds = 0
  for (const hash of text.match(/0x0{50}[0-9a-f]{14}/g) ?? []) {
    const bit = madeFor(hash) >= 0 ? 1 << madeFor(hash) : 0
    if (hash.endsWith('b')) seconds |= bit
    else firsts |= bit
  }
  return { firsts, seconds }
}

/** Its other fields are those of any block; that it is hashed in its own way is said by a field no fork has. */
const { envelope: ANY } = genesisBlock(0n, { number: 0n, hash: hashOf(0, 'a') })

/** A block's payload as op-node posts it. */
export function envelopeOf({ number, hash, parentHash, timestamp }: Block): string {
  const own = { parentHash, blockHash: hash, blockNumber: numberToHex(number), timestamp: numberToHex(timestamp) }
  return JSON.stringify({ ...ANY, executionPayload: { ...ANY.executionPayload, ...own } })
}
