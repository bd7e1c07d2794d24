import * as v from 'valibot'
import { l1Origin } from '../chain/envelope.ts'
import { provePayloadAtOnce } from '../chain/prove-payload.ts'
import type { Block, BlockId, Hash } from '../protocol/block.ts'
import { blockOfEnvelope } from '../store/payload.ts'
import { commitParams } from './envelope-schema.ts'
import { WrongHashError } from './errors.ts'
import { repeatedMember } from './raw-json.ts'
import { InvalidParamsError } from './rpc-errors.ts'

/** op-node's L1-info deposit is a tenth of this size; parsing a larger one would only cost time. */
const MAX_DEPOSIT_DIGITS = 8192

const READ_BACK_BYTES = 4096

/**
 * The largest envelope (bytes of JSON: half of them are transactions) whose hash is computed before the commit. Hashing
 * blocks the gate: 0.7 ms for 5 kB of transactions, 3 ms for 20 kB (two cores, busy), but 12 ms for 100 kB and 200 ms
 * for 1 MB. op-node waits 400 ms; up to this size the hash takes less of that than the write. The archiver checks
 * larger blocks right after their commit.
 */
export const MAX_PROVED_BYTES = 48 * 1024

/** How far a block's content was checked against its hash before the commit. */
export type Checked = 'proved' | 'unknown-fork' | 'too-large'

/** A parsed commit. */
export type ParsedEnvelope = {
  readonly block: Block
  /** The JSON text exactly as sent. */
  readonly envelope: Uint8Array
  readonly checked: Checked
  /** Fields unknown to this version. */
  readonly unknown: readonly string[]
}

/**
 * Parses the parameters of a commit. Refuses anything that is not an op-node block: a field is missing or invalid, or
 * the content of a small block does not match its hash. Keeps fields of later forks as sent; a block with such fields
 * cannot be hashed here and passes.
 *
 * @throws InvalidParamsError naming the first invalid field.
 * @throws WrongHashError
 */
export function parseEnvelope(input: unknown, raw: Uint8Array | undefined): ParsedEnvelope {
  const parsed = v.safeParse(commitParams, input, { abortEarly: true })
  if (!parsed.success) throw new InvalidParamsError(fieldOf(parsed.issues[0]), problemOf(parsed.issues[0]))
  if (!raw) throw new InvalidParamsError('params', 'must be a list of one envelope')
  const [{ executionPayload }] = parsed.output
  const { blockNumber: number, blockHash: hash, parentHash, timestamp, transactions } = executionPayload
  checkReadBack(raw, { number, hash, parentHash })
  const first = transactions[0]
  const origin = first && first.length <= MAX_DEPOSIT_DIGITS ? l1Origin(first) : undefined
  const block = { number, hash, parentHash, timestamp, ...(origin && { l1Origin: origin }) }
  return { block, envelope: raw, ...checkHash((input as readonly unknown[])[0], block, raw.length) }
}

function checkHash(envelope: unknown, block: Block, bytes: number): Pick<ParsedEnvelope, 'checked' | 'unknown'> {
  if (bytes > MAX_PROVED_BYTES) return { checked: 'too-large', unknown: [] }
  const proof = provePayloadAtOnce(envelope, block)
  if (proof.proof === 'other') throw new WrongHashError(block, proof.problem)
  return { checked: proof.proof, unknown: proof.proof === 'proved' ? [] : proof.fields }
}

/**
 * Later readers of the payload take the first occurrence of a field or, like Go, merge repeated ones. Either way they
 * must read the committed block.
 */
function checkReadBack(raw: Uint8Array, { number, hash, parentHash }: BlockId & { readonly parentHash: Hash }) {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const read = readBack(bytes)
  if (read?.number !== number || read.hash !== hash || read.parentHash !== parentHash) {
    const problem = 'must have blockNumber, blockHash and parentHash once each, without escapes in their names'
    throw new InvalidParamsError('params[0].executionPayload', problem)
  }
  const repeated = repeatedMember(bytes, 'executionPayload')
  if (repeated !== undefined) throw new InvalidParamsError('params[0].executionPayload', `has "${repeated}" twice`)
}

/** op-node writes all three fields before the transactions; only other clients' envelopes are searched in full. */
function readBack(bytes: Buffer) {
  for (const end of [READ_BACK_BYTES, bytes.length]) {
    try {
      return blockOfEnvelope(bytes.toString('latin1', 0, end))
    } catch {}
  }
  return undefined
}

function fieldOf(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)) ?? []
  return `params${path.join('')}`
}

function problemOf({ message, received }: v.BaseIssue<unknown>): string {
  return received === 'undefined' && !message.startsWith('is missing') ? 'is missing' : message
}
