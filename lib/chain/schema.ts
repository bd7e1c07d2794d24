import * as v from 'valibot'
import type { Hex } from 'viem'
import { numberToHex } from 'viem/utils'
import type { Hash } from '../protocol/block.ts'

/** A 32-byte hash in any case, as {@link Hash}. */
export const hash = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{64}$/, 'not a 32-byte hash'),
  v.transform((text) => text.toLowerCase() as Hash),
)

/** A JSON-RPC quantity (`0x1a`), as a bigint. */
export const quantity = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]+$/, 'not a hex quantity'),
  v.transform((text) => BigInt(text)),
)

/** A plain JSON number that counts something, as a bigint: op-node's own types do not use hex. */
export const decimal = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.transform((number) => BigInt(number)),
)

/** `{hash, number}` with a decimal number, as op-node writes block ids. */
export const blockId = v.pipe(
  v.object({ hash, number: decimal }),
  v.transform(({ number, hash }) => ({ number, hash })),
)

/** 0x-hex bytes of any length, in lower case. */
export const bytes = v.pipe(
  v.string(),
  v.regex(/^0x([0-9a-fA-F]{2})*$/, 'not 0x-hex bytes'),
  v.transform((text) => text.toLowerCase() as Hex),
)

/** A JSON-RPC quantity kept as text, without leading zeros. */
export const minimalQuantity = v.pipe(
  quantity,
  v.transform((value: bigint) => numberToHex(value)),
)
