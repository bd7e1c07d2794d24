import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { type KnownBlock, type Proof, provePayload } from '../chain/prove-payload.ts'
import { BatonError } from '../errors.ts'
import type { Block, BlockId, Hash, PayloadPlace } from '../protocol/block.ts'
import type { Head } from '../protocol/records.ts'
import { withTimeout } from '../with-timeout.ts'
import { CorruptRecordError, MissingPayloadError, PayloadTooLargeError } from './errors.ts'
import type { ObjectStore } from './stores.ts'

/** The largest unpacked envelope; unpacking a zip bomb stops here. */
export const MAX_ENVELOPE_BYTES = 64 * 1024 * 1024

/** The largest inline payload. The rest of a head item is below 2 kB, so the item stays under DynamoDB's 400 kB. */
export const MAX_INLINE_BYTES = 348_000

/**
 * The largest payload that a head and an archive keep for less than an object costs, as list prices are (docs/cost.md):
 * a kB is a write unit in either, an object's PUT is eight. With the rest of its fields, a head with one fits 4 kB, and
 * so one read unit: reads do not bill the payload.
 */
export const MAX_SMALL_BYTES = 3_000

/**
 * Level 1 halves the hex of incompressible transactions, at about 2 ms per MB. Lower levels are faster but do not halve
 * it (Huffman coding is off); level 3, the default, takes 2.5 times as long for no gain.
 */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/** Up to this size, packing blocks the event loop for less than 0.6 ms; the thread pool would cost as much. */
const SYNC_BYTES = 256 * 1024

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/**
 * Packs an envelope (JSON as op-node sent it) with zstd.
 *
 * @throws PayloadTooLargeError above {@link MAX_ENVELOPE_BYTES}.
 */
export async function packPayload(envelope: string | Uint8Array): Promise<Uint8Array> {
  const bytes = typeof envelope === 'string' ? Buffer.from(envelope) : envelope
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new PayloadTooLargeError(MAX_ENVELOPE_BYTES)
  return bytes.length <= SYNC_BYTES ? zstdCompressSync(bytes, LEVEL) : compress(bytes, LEVEL)
}

/**
 * Unpacks an envelope to its JSON text.
 *
 * @throws PayloadTooLargeError when it would unpack to more than `limit` bytes; stops there.
 * @throws CorruptRecordError when it is not zstd.
 */
export async function unpackPayload(packed: Uint8Array, limit = MAX_ENVELOPE_BYTES): Promise<string> {
  const options = { maxOutputLength: limit }
  try {
    const bytes =
      packed.length <= SYNC_BYTES / 2 ? zstdDecompressSync(packed, options) : await decompress(packed, options)
    return bytes.toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new PayloadTooLargeError(limit, error)
    throw new CorruptRecordError('a payload', 'it is not zstd', error)
  }
}

/** Whether a packed payload fits the head item; otherwise it goes to an object first. */
export function fitsItem(packed: Uint8Array): boolean {
  return packed.length <= MAX_INLINE_BYTES
}

/**
 * The key of a payload too large for the head item. It ends in a digest of the packed bytes, so that no other content
 * can replace it under the same name. Without `packed`: the key of versions without a digest, whose objects stay
 * readable while heads name them.
 */
export function spillKey(chain: string, { number, hash }: BlockId, packed?: Uint8Array): string {
  return `${chain}/spill/${number}-${hash}${packed === undefined ? '' : `-${digestOf(packed)}`}`
}

/** Whether the object under a spill key can have only one content: its key has the digest. */
export function isImmutable(key: string): boolean {
  return digestIn(key) !== undefined
}

/** The digest at the end of a spill key; `undefined` for a key without one. */
function digestIn(key: string): string | undefined {
  return /-0x[0-9a-f]{64}-([0-9a-f]{64})$/.exec(key)?.[1]
}

function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes)
}

/** How long a commit waits for the object of a payload that the head item could hold, in ms. */
const OBJECT_PATIENCE_MS = 120

/**
 * Decides where a block's packed payload goes: into the head item or, above `inlineBytes`, into an object written
 * before this returns, and thus before the commit. Leaves an existing object alone: it has the same content. When the
 * object store is slow or fails, a payload that fits the head item goes there.
 *
 * @throws StoreUnavailableError when the object of a payload too large for the head item cannot be written: the block
 *   must not be committed then.
 */
export async function placePayload(
  objects: ObjectStore,
  chain: string,
  block: Pick<Block, 'number' | 'hash'>,
  packed: Uint8Array,
  inlineBytes: number = MAX_INLINE_BYTES,
): Promise<PayloadPlace> {
  if (packed.length <= inlineBytes) return { payload: packed }
  const payloadRef = spillKey(chain, block, packed)
  const written = objects.put(payloadRef, packed, { ifAbsent: true }).then(() => ({ payloadRef }))
  if (!fitsItem(packed)) return written
  return withTimeout<PayloadPlace>(OBJECT_PATIENCE_MS, () => written).catch(() => ({ payload: packed }))
}

/** Half of what one partition of DynamoDB takes (1,000 write units of 1 kB a second): a commit may be repeated. */
const BYTES_PER_MS = 500

/**
 * The largest payload that goes into the head item where DynamoDB and S3 store heads and objects. Objects cost less for
 * blocks above {@link MAX_SMALL_BYTES}, and some 30 ms. A chain with blocks faster than one a second gets the ms, as
 * far as its one hot item is not throttled. Absent = the block time is not known yet.
 */
export function inlineBytesOnAws(blockTimeMs: number | undefined): number {
  if (blockTimeMs === undefined) return MAX_INLINE_BYTES
  return blockTimeMs < 1_000 ? Math.min(MAX_INLINE_BYTES, BYTES_PER_MS * blockTimeMs) : MAX_SMALL_BYTES
}

/**
 * The packed payload of a head read with its payload; `undefined` for a head seeded without one.
 *
 * @throws MissingPayloadError when the object it names is gone.
 * @throws CorruptRecordError when the object's content changed.
 * @throws StoreUnavailableError
 */
export async function packedPayload(objects: ObjectStore, head: Head): Promise<Uint8Array | undefined> {
  if (head.payload) return head.payload
  if (head.payloadRef === undefined) return undefined
  const packed = await objects.get(head.payloadRef)
  if (!packed) throw new MissingPayloadError(head, head.payloadRef)
  const digest = digestIn(head.payloadRef)
  if (digest !== undefined && digest !== digestOf(packed)) {
    throw new CorruptRecordError(head.payloadRef, 'its content does not have the digest in its key')
  }
  return packed
}

/**
 * The envelope (JSON text) of a head read with its payload. The caller must prove that it is the head's block.
 *
 * @throws MissingPayloadError when there is none: the head was seeded, or the object is gone.
 * @throws CorruptRecordError | PayloadTooLargeError when the stored bytes are no payload.
 * @throws StoreUnavailableError
 */
export async function readPayload(objects: ObjectStore, head: Head): Promise<string> {
  const packed = await packedPayload(objects, head)
  if (!packed) throw new MissingPayloadError(head, 'the head was seeded without one')
  return unpackPayload(packed)
}

/**
 * Reads number, hash and parent hash from an envelope without parsing it: everything in a payload is
 * hex, so no value can contain these keys.
 *
 * @throws CorruptRecordError
 */
export function blockOfEnvelope(envelope: string): BlockId & { readonly parentHash: Hash } {
  return {
    number: BigInt(read(envelope, fields.blockNumber)),
    hash: read(envelope, fields.blockHash),
    parentHash: read(envelope, fields.parentHash),
  }
}

const hexField = (name: string, digits: string) => ({
  name,
  pattern: new RegExp(`"${name}"\\s*:\\s*"0x([0-9a-fA-F]{${digits}})"`),
})

const fields = {
  blockNumber: hexField('blockNumber', '1,16'),
  blockHash: hexField('blockHash', '64'),
  parentHash: hexField('parentHash', '64'),
} as const

function read(envelope: string, { name, pattern }: ReturnType<typeof hexField>): Hash {
  const match = pattern.exec(envelope)
  if (!match?.[1]) throw new CorruptRecordError('a payload', `it has no ${name}`)
  return `0x${match[1].toLowerCase()}`
}

/** An unpacked payload: its JSON text, unless it is something else. */
type Opened = Exclude<Proof, { proof: 'other' }> & { readonly envelope: string }

/** What is stored under a block's name: see {@link Proof}. */
type Judged = Opened | Extract<Proof, { proof: 'other' }>

/** Unpacks the payload stored under a block's name and proves that it is the block; never throws. */
export async function openPayload(packed: Uint8Array, block: KnownBlock): Promise<Judged> {
  try {
    return await judgeEnvelope(await unpackPayload(packed), block)
  } catch (error) {
    if (error instanceof BatonError) return { proof: 'other', problem: error.message }
    throw error
  }
}

/** Proves that an envelope (JSON text) is a block. */
export async function judgeEnvelope(envelope: string, block: KnownBlock): Promise<Judged> {
  const proof = await provePayload(jsonOrNothing(envelope), block)
  return proof.proof === 'other' ? proof : { ...proof, envelope }
}

function jsonOrNothing(envelope: string): unknown {
  try {
    return JSON.parse(envelope)
  } catch {
    return undefined
  }
}
