import type { BlockId, Hash } from '../protocol/block.ts'
import type { Envelope } from './envelope.ts'
import { hashPayloadInSlices } from './header.ts'
import { atOnce, inSlices } from './ordered-root.ts'

/** A known block, with its parent's hash if that is known. */
export type KnownBlock = BlockId & { readonly parentHash?: Hash | undefined }

/** Whether a payload is the block it is stored under. */
export type Proof =
  /** Its content has the block's hash. */
  | { readonly proof: 'proved' }
  /** It names the block, but has fields of an unknown fork, whose hashing is unknown. */
  | { readonly proof: 'unknown-fork'; readonly fields: readonly string[] }
  /** It is something else. */
  | { readonly proof: 'other'; readonly problem: string }

/** The fields a payload has in every fork. */
const ALWAYS = [
  ...['parentHash', 'feeRecipient', 'stateRoot', 'receiptsRoot', 'logsBloom', 'prevRandao', 'blockNumber', 'gasLimit'],
  ...['gasUsed', 'timestamp', 'extraData', 'baseFeePerGas', 'blockHash', 'transactions'],
]
/** Every field of a payload up to Karst (and Lagoon, which adds none). */
const PAYLOAD_FIELDS = new Set([...ALWAYS, 'withdrawals', 'blobGasUsed', 'excessBlobGas', 'withdrawalsRoot'])
const ENVELOPE_FIELDS = new Set(['executionPayload', 'parentBeaconBlockRoot'])
/** Go reads fields case-insensitively: a different spelling is not a field of a later fork. */
const READ_AS = new Map([...PAYLOAD_FIELDS, ...ENVELOPE_FIELDS].map((field) => [field.toLowerCase(), field]))

/**
 * Proves that an envelope (parsed JSON) is a block: whatever is stored or read under a block's name must be that block.
 * Every reader of payloads calls this, and tries its next source if the answer is `other`. Takes some 2 ms for a block
 * of 5 kB and 240 ms for one of 1 MB, in slices that let other work run.
 */
export function provePayload(envelope: unknown, block: KnownBlock): Promise<Proof> {
  return inSlices(prove(envelope, block))
}

/** {@link provePayload} without a pause: for small blocks on the path of a commit. */
export function provePayloadAtOnce(envelope: unknown, block: KnownBlock): Proof {
  return atOnce(prove(envelope, block))
}

function* prove(value: unknown, { number, hash, parentHash }: KnownBlock): Generator<void, Proof> {
  const other = (problem: string): Proof => ({ proof: 'other', problem })
  const envelope = normalized(value)
  if (!envelope) return other('it is no payload at all')
  const { executionPayload: payload } = envelope
  const named = lower(payload.blockHash)
  const at = numberOf(payload.blockNumber)
  if (at !== undefined && at !== number) return other(`it is block ${at}, not ${number}`)
  if (named !== hash) return other(`it is ${named}, not ${hash}`)
  if (parentHash !== undefined && lower(payload.parentHash) !== parentHash)
    return other(`its parent is ${lower(payload.parentHash)}, not ${parentHash}`)
  const missing = ALWAYS.find((field) => !Object.hasOwn(payload, field))
  if (missing !== undefined) return other(`it has no ${missing}`)
  const fields = unknownFields(envelope)
  const alike = fields.find((field) => READ_AS.has(field.toLowerCase()))
  if (alike !== undefined)
    return other(`it has "${alike}", which op-node reads as "${READ_AS.get(alike.toLowerCase())}"`)
  if (fields.length > 0) return { proof: 'unknown-fork', fields }
  try {
    const content = yield* hashPayloadInSlices(envelope)
    return content === hash ? { proof: 'proved' } : other(`its content hashes to ${content}, not to ${hash}`)
  } catch {
    return other('some of its fields are not 0x-hex')
  }
}

/** Drops null fields, which some clients write for "not in this fork". */
function normalized(value: unknown): Envelope | undefined {
  const envelope = present(value)
  const executionPayload = present(envelope?.executionPayload)
  return envelope && executionPayload && ({ ...envelope, executionPayload } as unknown as Envelope)
}

function present(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
}

/** The names of fields this version cannot hash. No block of an OP Stack chain has had withdrawals so far. */
function unknownFields(envelope: Envelope): string[] {
  const { withdrawals = [] } = envelope.executionPayload
  const payload = Object.keys(envelope.executionPayload).filter((field) => !PAYLOAD_FIELDS.has(field))
  const around = Object.keys(envelope).filter((field) => !ENVELOPE_FIELDS.has(field))
  return [...around, ...payload, ...(withdrawals.length === 0 ? [] : ['non-empty withdrawals'])]
}

function lower(text: unknown): Hash | undefined {
  return typeof text === 'string' ? (text.toLowerCase() as Hash) : undefined
}

function numberOf(quantity: unknown): bigint | undefined {
  return typeof quantity === 'string' && /^0x[0-9a-fA-F]+$/.test(quantity) ? BigInt(quantity) : undefined
}
