import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import zlib, { type ZstdOptions } from 'node:zlib'
import { recall } from './recall.ts'

const { zstdCompressSync, zstdDecompressSync } = zlib
const { hash } = crypto

/** A frame of one segment; its length in bytes follows, and its only block, which is not packed. */
const FRAME = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0])
const HEADER_BYTES = FRAME.length + 4 + 3
const MAX_BLOCK_BYTES = 128 * 1024

/** The frame zstd makes of what it cannot make smaller: any zstd reads it, and it costs no more than a copy. */
export function zstdStored(bytes: Uint8Array, options?: ZstdOptions): Buffer {
  if (bytes.length > MAX_BLOCK_BYTES) return zstdCompressSync(bytes, options)
  const packed = Buffer.allocUnsafe(HEADER_BYTES + bytes.length)
  packed.set(FRAME)
  packed.writeUInt32LE(bytes.length, FRAME.length)
  packed.writeUIntLE((bytes.length << 3) | 1, FRAME.length + 4, 3)
  packed.set(bytes, HEADER_BYTES)
  return packed
}

/** What {@link zstdStored} made, or any other frame. */
export function readStored(packed: Uint8Array, options?: ZstdOptions): Buffer {
  const frame = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const stored =
    frame.subarray(0, FRAME.length).equals(FRAME) &&
    frame.length <= HEADER_BYTES + MAX_BLOCK_BYTES &&
    frame.readUInt32LE(FRAME.length) === frame.length - HEADER_BYTES
  return stored ? frame.subarray(HEADER_BYTES) : zstdDecompressSync(packed, options)
}

/**
 * A fifth of a history went into what Node's natives do for each block: payloads are stored instead of packed, and
 * what was hashed before is not hashed again.
 */
export function quickenNatives(): void {
  Object.assign(zlib, { zstdCompressSync: zstdStored, zstdDecompressSync: readStored })
  Object.assign(crypto, { hash: recall((...input: unknown[]) => input.join(), hash) })
  syncBuiltinESMExports()
}
