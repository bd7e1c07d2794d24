import { setImmediate as afterOthers } from 'node:timers/promises'
import { type Hex, keccak256, toRlp } from 'viem'
import type { Hash } from '../protocol/block.ts'

/** How long one slice of work may keep everybody else of a process waiting, in ms. */
const SLICE_MS = 5

/** Work that may pause at each `yield`, done without a pause. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/**
 * The same work in slices of some 5 ms: what else waits in the process is served between them. A block
 * of 1 MB takes a quarter of a second to hash; the commits of that time must not wait for it.
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

/** A node of the trie as RLP takes it: a list that holds its children, or the hashes of long ones. */
type Node = Uint8Array | readonly Node[]

/** A key as hex digits without `0x`, and its value. No key may be the beginning of another. */
export type TrieEntry = readonly [key: string, value: Hex]

const NIBBLES = [...'0123456789abcdef']
const NOTHING = new Uint8Array()

/**
 * The root of the trie by which a header commits its transactions: each under its RLP-encoded index.
 *
 * @throws TypeError when a value is not 0x-hex bytes.
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/patricia-merkle-trie
 */
export function orderedRoot(values: readonly Hex[]): Hash {
  return atOnce(orderedRootInSlices(values))
}

/** {@link orderedRoot} as work that can pause: see `slices.ts`. */
export function orderedRootInSlices(values: readonly Hex[]): Generator<void, Hash> {
  return rootInSlices(values.map((value, index) => [toRlp(minimal(index)).slice(2), value]))
}

/**
 * The root of a Merkle Patricia trie. It is built from its sorted keys at once: nothing is ever looked
 * up in it or changed.
 */
export function trieRoot(entries: readonly TrieEntry[]): Hash {
  return atOnce(rootInSlices(entries))
}

function* rootInSlices(entries: readonly TrieEntry[]): Generator<void, Hash> {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return keccak256(toRlp(yield* build(sorted, 0), 'bytes'))
}

/** The node of sorted entries whose keys agree before `depth`; pauses after each child of a branch. */
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

/** A child inside its parent: itself when it is shorter than a hash, else its hash. */
function reference(node: Node): Node {
  const encoded = toRlp(node, 'bytes')
  return encoded.length < 32 ? node : keccak256(encoded, 'bytes')
}

/** Nibbles packed into bytes after a flag that tells an odd number of them, and a leaf. */
function path(nibbles: string, leaf: boolean): Uint8Array {
  const odd = nibbles.length % 2
  return Buffer.from(`${(leaf ? 2 : 0) + odd}${odd ? '' : '0'}${nibbles}`, 'hex')
}

/** Hex as bytes; Buffer alone would end silently at the first character that is none. */
function bytesOf(hex: Hex): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  if (!hex.startsWith('0x') || 2 * bytes.length + 2 !== hex.length)
    throw new TypeError('a transaction is not 0x-hex bytes')
  return bytes
}

/** A number as RLP takes it: bytes without leading zeros, zero as nothing. */
function minimal(number: number): Hex {
  if (number === 0) return '0x'
  const digits = number.toString(16)
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}
