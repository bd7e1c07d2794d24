import { setImmediate as afterOthers } from 'node:timers/promises'
import type { Hex } from 'viem'
import { keccak256, toRlp } from 'viem/utils'
import type { Hash } from '../protocol/block.ts'

/** The longest that one slice of work may block the process, in ms. */
const SLICE_MS = 5

/** Runs pausable work without a pause. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/**
 * Runs pausable work in slices of some 5 ms, between which the process serves other work. Hashing a block of 1 MB takes
 * a quarter of a second; commits must not wait for it.
 */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (let began = performance.now(); ; ) {
    const { done, value } = work.next()
    if (done) return value
    if (performance.now() - began < SLICE_MS) continue
    await afterOthers()
    began = performance.now()
  }
}

/** A trie node in RLP's format: a list that holds its children, or the hashes of long ones. */
type Node = Uint8Array | readonly Node[]

/** A key as hex digits without `0x`, and its value. No key may be a prefix of another. */
export type TrieEntry = readonly [key: string, value: Hex]

const NIBBLES = [...'0123456789abcdef']
const NOTHING = new Uint8Array()

/**
 * The root of the trie that commits a header to its transactions: each under its RLP-encoded index.
 *
 * @throws TypeError when a value is not 0x-hex bytes.
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/patricia-merkle-trie
 */
export function orderedRoot(values: readonly Hex[]): Hash {
  return atOnce(orderedRootInSlices(values))
}

/** {@link orderedRoot} as pausable work: see {@link inSlices}. */
export function orderedRootInSlices(values: readonly Hex[]): Generator<void, Hash> {
  return rootInSlices(values.map((value, index) => [toRlp(minimal(index)).slice(2), value]))
}

/** The root of a Merkle Patricia trie, built in one pass from sorted keys: no lookups, no updates. */
export function trieRoot(entries: readonly TrieEntry[]): Hash {
  return atOnce(rootInSlices(entries))
}

function* rootInSlices(entries: readonly TrieEntry[]): Generator<void, Hash> {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return keccak256(toRlp(yield* build(sorted, 0), 'bytes'))
}

/** Builds the node of sorted entries whose keys agree before `depth`; pauses after each child of a branch. */
function* build(entries: readonly TrieEntry[], depth: number): Generator<void, Node> {
  const [first] = entries
  const last = entries.at(-1)
  if (!first || !last) return NOTHING
  if (first === last) return [path(first[0].slice(depth), true), bytesOf(first[1])]
  let shared = depth
  while (first[0][shared] === last[0][shared]) shared++
  if (shared > depth) return [path(first[0].slice(depth, shared), false), reference(yield* build(entries, shared))]
  const children: Node[] = []
  for (const nibble of NIBBLES) {
    const below = entries.filter(([key]) => key[depth] === nibble)
    children.push(below.length === 0 ? NOTHING : reference(yield* build(below, depth + 1)))
    yield
  }
  return [...children, NOTHING]
}

/** References a child in its parent: the child itself when it is shorter than a hash, otherwise its hash. */
function reference(node: Node): Node {
  const encoded = toRlp(node, 'bytes')
  return encoded.length < 32 ? node : keccak256(encoded, 'bytes')
}

/** Packs nibbles into bytes after a flag for an odd count and a leaf. */
function path(nibbles: string, leaf: boolean): Uint8Array {
  const odd = nibbles.length % 2
  return Buffer.from(`${(leaf ? 2 : 0) + odd}${odd ? '' : '0'}${nibbles}`, 'hex')
}

/** Converts hex to bytes; Buffer alone would silently stop at the first invalid character. */
function bytesOf(hex: Hex): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  if (!hex.startsWith('0x') || 2 * bytes.length + 2 !== hex.length)
    throw new TypeError('a transaction is not 0x-hex bytes')
  return bytes
}

/** A number in RLP's format: bytes without leading zeros, zero as empty. */
function minimal(number: number): Hex {
  if (number === 0) return '0x'
  const digits = number.toString(16)
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}
