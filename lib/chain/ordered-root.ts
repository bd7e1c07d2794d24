import { type Hex, keccak256, toRlp } from 'viem'
import type { Hash } from '../protocol/block.ts'

/** A node as RLP knows it: a list that embeds its children when they are short, or their hash. */
type Node = Hex | readonly Node[]
/** Key as nibbles (hex digits), and the value. */
type Entry = readonly [key: string, value: Hex]

const EMPTY: Hash = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/**
 * The root of the trie that a header commits its transactions with: each under its RLP-encoded index.
 * The trie is built from its sorted keys at once; nothing is ever looked up in it or changed.
 *
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/patricia-merkle-trie
 */
export function orderedRoot(values: readonly Hex[]): Hash {
  if (values.length === 0) return EMPTY
  const entries = values.map((value, index): Entry => [toRlp(index === 0 ? '0x' : minimal(index)).slice(2), value])
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return keccak256(toRlp(build(entries, 0) as Parameters<typeof toRlp>[0]))
}

/** The node of sorted entries whose keys agree before `depth`. */
function build(entries: readonly Entry[], depth: number): Node {
  const [first] = entries
  const last = entries.at(-1)
  if (!first || !last) return '0x'
  if (entries.length === 1) return [path(first[0].slice(depth), true), first[1]]
  let shared = depth
  while (first[0][shared] === last[0][shared]) shared++
  if (shared > depth) return [path(first[0].slice(depth, shared), false), reference(build(entries, shared))]
  // No key is the beginning of another: an index's encoding tells its own length.
  const children = Array.from('0123456789abcdef', (nibble) => {
    const below = entries.filter(([key]) => key[depth] === nibble)
    return below.length === 0 ? '0x' : reference(build(below, depth + 1))
  })
  return [...children, '0x']
}

/** A child inside its parent: itself when shorter than a hash, else its hash. */
function reference(node: Node): Node {
  const encoded = toRlp(node as Parameters<typeof toRlp>[0])
  return encoded.length < 2 + 64 ? node : keccak256(encoded)
}

/** Nibbles packed into bytes, with a flag for odd length and one for a leaf. */
function path(nibbles: string, leaf: boolean): Hex {
  const odd = nibbles.length % 2
  const flag = (leaf ? 2 : 0) + odd
  return `0x${flag}${odd ? '' : '0'}${nibbles}`
}

function minimal(index: number): Hex {
  const digits = index.toString(16)
  return digits.length % 2 ? `0x0${digits}` : `0x${digits}`
}
