import { type Hex, keccak256, toRlp } from 'viem'
import type { Hash } from '../protocol/block.ts'

/** A node of the trie as RLP takes it: a list that holds its children, or the hashes of long ones. */
type Node = Hex | readonly Node[]

/** A key as hex digits without `0x`, and its value. No key may be the beginning of another. */
export type TrieEntry = readonly [key: string, value: Hex]

const NIBBLES = [...'0123456789abcdef']

/**
 * The root of the trie by which a header commits its transactions: each under its RLP-encoded index.
 *
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/patricia-merkle-trie
 */
export function orderedRoot(values: readonly Hex[]): Hash {
  return trieRoot(values.map((value, index) => [toRlp(minimal(index)).slice(2), value]))
}

/**
 * The root of a Merkle Patricia trie. It is built from its sorted keys at once: nothing is ever looked
 * up in it or changed.
 */
export function trieRoot(entries: readonly TrieEntry[]): Hash {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return keccak256(toRlp(build(sorted, 0)))
}

/** The node of sorted entries whose keys agree before `depth`. */
function build(entries: readonly TrieEntry[], depth: number): Node {
  const [first] = entries
  const last = entries.at(-1)
  if (!first || !last) return '0x'
  if (first === last) return [path(first[0].slice(depth), true), first[1]]
  let shared = depth
  while (first[0][shared] === last[0][shared]) shared++
  if (shared > depth) return [path(first[0].slice(depth, shared), false), reference(build(entries, shared))]
  const children = NIBBLES.map((nibble): Node => {
    const below = entries.filter(([key]) => key[depth] === nibble)
    return below.length === 0 ? '0x' : reference(build(below, depth + 1))
  })
  return [...children, '0x']
}

/** A child inside its parent: itself when it is shorter than a hash, else its hash. */
function reference(node: Node): Node {
  const encoded = toRlp(node)
  return encoded.length < 2 + 2 * 32 ? node : keccak256(encoded)
}

/** Nibbles packed into bytes after a flag that tells an odd number of them, and a leaf. */
function path(nibbles: string, leaf: boolean): Hex {
  const odd = nibbles.length % 2
  return `0x${(leaf ? 2 : 0) + odd}${odd ? '' : '0'}${nibbles}`
}

/** A number as RLP takes it: bytes without leading zeros, zero as nothing. */
function minimal(number: number): Hex {
  if (number === 0) return '0x'
  const digits = number.toString(16)
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}
