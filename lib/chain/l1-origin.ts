import { fromRlp, type Hex, hexToBigInt, slice } from 'viem'
import type { BlockId, Hash } from '../protocol/block.ts'

type Layout = { readonly number: number; readonly hash: number; readonly bytes: number }

const packed = { number: 28, hash: 100, bytes: 164 }

/** Where the L1 block's number (its last 8 bytes) and hash are in the calldata, by selector. */
const layouts: Readonly<Record<string, Layout>> = {
  // setL1BlockValues: ABI words
  '0x015d8eb9': { number: 4 + 24, hash: 4 + 3 * 32, bytes: 4 + 8 * 32 },
  // setL1BlockValuesEcotone, -Interop, -Isthmus, -Jovian: packed, later ones only append
  '0x440a5e20': packed,
  '0x760ee04d': packed,
  '0x098999be': packed,
  '0x3db6be2b': packed,
}

/**
 * Reads the L1 block a payload derives its deposits from, out of its first transaction (the L1-info
 * deposit that op-node puts into every block). `undefined` if it is not one we know.
 */
export function l1Origin(firstTransaction: Hex | undefined): BlockId | undefined {
  if (!firstTransaction?.startsWith('0x7e')) return undefined
  const data = depositData(firstTransaction)
  if (data === undefined) return undefined
  const layout = layouts[data.slice(0, 10)]
  if (layout === undefined || data.length < 2 + 2 * layout.bytes) return undefined
  return {
    number: hexToBigInt(slice(data, layout.number, layout.number + 8)),
    hash: slice(data, layout.hash, layout.hash + 32).toLowerCase() as Hash,
  }
}

function depositData(transaction: Hex): Hex | undefined {
  try {
    const fields = fromRlp(`0x${transaction.slice(4)}`, 'hex')
    const data = Array.isArray(fields) ? fields[7] : undefined
    return Array.isArray(data) ? undefined : data
  } catch {
    return undefined
  }
}
