import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
import { recall } from './recall.ts'

const { zstdCompressSync, zstdDecompressSync } = zlib

const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** The gate packs the same payloads in many histories: zstd does it once for each, and gives what it always gives. */
export function shareZlib(): void {
  // What zlib returns is a small part of a large buffer, which would be kept with it.
  const compress = recall(textOf, (bytes: Uint8Array) => Buffer.from(zstdCompressSync(bytes)))
  const decompress = recall(textOf, (bytes: Uint8Array) => Buffer.from(zstdDecompressSync(bytes)))
  Object.assign(zlib, {
    zstdCompressSync: (bytes: Uint8Array) => compress(bytes),
    zstdDecompressSync: (bytes: Uint8Array) => decompress(bytes),
  })
  syncBuiltinESMExports()
}
