import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readStored, zstdStored } from './quick-natives.ts'

const bytes = fc.uint8Array({ maxLength: 5_000 })

test('what is stored instead of packed is zstd, and what zstd packs is read', () => {
  fc.assert(
    fc.property(bytes, (given) => {
      expect(new Uint8Array(zstdDecompressSync(zstdStored(given)))).toEqual(given)
      expect(new Uint8Array(readStored(zstdStored(given)))).toEqual(given)
      expect(new Uint8Array(readStored(zstdCompressSync(given)))).toEqual(given)
    }),
  )
})

test('more than a block of zstd holds is packed', () => {
  const large = new Uint8Array(200_000)
  expect(zstdStored(large).length).toBeLessThan(1_000)
  expect(new Uint8Array(readStored(zstdStored(large)))).toEqual(large)
})

test('half a frame is refused as zstd refuses it', () => {
  const packed = zstdStored(new Uint8Array(100))
  expect(() => readStored(packed.subarray(0, 60))).toThrow()
  expect(() => readStored(packed.subarray(0, 3))).toThrow()
})
