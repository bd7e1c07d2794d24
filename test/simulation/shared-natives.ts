import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import zlib, { type ZstdOptions } from 'node:zlib'
import { recall } from './recall.ts'

const { zstdCompressSync, zstdDecompressSync } = zlib
const { hash } = crypto

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/**
 * The gate packs and hashes the same payloads and secrets in many histories: Node does it once for each, and gives
 * what it always gives.
 */
export function shareNatives(): void {
  // What zlib returns is a small part of a large buffer, which would be kept with it. All callers use the same options.
  const shared = (convert: typeof zstdCompressSync) =>
    recall(textOf, (bytes: Uint8Array, options?: ZstdOptions) => Buffer.from(convert(bytes, options)))
  Object.assign(zlib, { zstdCompressSync: shared(zstdCompressSync), zstdDecompressSync: shared(zstdDecompressSync) })
  Object.assign(crypto, { hash: recall((...input: unknown[]) => input.join(), hash) })
  syncBuiltinESMExports()
}
