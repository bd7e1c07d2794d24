import * as v from 'valibot'
import { bytes, hash, minimalQuantity } from './schema.ts'

/** What a header and a block with its transactions both have, by the names of JSON-RPC; optional: since a fork. */
export const headerFields = {
  parentHash: hash,
  miner: bytes,
  stateRoot: hash,
  receiptsRoot: hash,
  logsBloom: bytes,
  mixHash: hash,
  number: minimalQuantity,
  gasLimit: minimalQuantity,
  gasUsed: minimalQuantity,
  timestamp: minimalQuantity,
  extraData: bytes,
  baseFeePerGas: minimalQuantity,
  withdrawalsRoot: v.optional(hash),
  blobGasUsed: v.optional(minimalQuantity),
  excessBlobGas: v.optional(minimalQuantity),
  parentBeaconBlockRoot: v.optional(hash),
  requestsHash: v.optional(hash),
}
