import * as v from 'valibot'
import { l1Origin } from '../chain/l1-origin.ts'
import { hash } from '../chain/schema.ts'
import type { Block, BlockId, Hash } from '../protocol/block.ts'
import { blockOfEnvelope } from '../store/envelope.ts'
import { InvalidParamsError } from './rpc-errors.ts'

type Bytes = `0x${string}`

/** op-node's L1-info deposit is a tenth of this; parsing a larger one would only cost time. */
const MAX_DEPOSIT_DIGITS = 8192

const READ_BACK_BYTES = 4096

const quantity = v.pipe(
  v.string('must be a hex quantity'),
  v.regex(/^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,15})$/, 'must be a hex quantity of at most 64 bits without leading zeros'),
  v.transform((text) => BigInt(text)),
)

/** Only the form is checked: walking through megabytes of digits would cost more than the write. */
const transactions = v.custom<readonly Bytes[]>(
  (list) => Array.isArray(list) && list.every((tx) => typeof tx === 'string' && tx.startsWith('0x') && tx.length > 2),
  'must be a list of transactions as 0x-hex bytes',
)

const blockHash = v.pipe(
  hash,
  v.check((value) => !/^0x0+$/.test(value), 'must not be zero'),
)

const payload = v.pipe(
  v.object(
    { parentHash: hash, blockHash, blockNumber: quantity, timestamp: quantity, transactions },
    'must be an execution payload',
  ),
  v.forward(
    v.check(({ blockHash, parentHash }) => blockHash !== parentHash, 'must not be the parent hash'),
    ['blockHash'],
  ),
)

const params = v.strictTuple(
  [v.object({ executionPayload: payload }, 'must be an envelope')],
  'must be a list of one envelope',
)

/**
 * Takes from the parameters of a commit what the protocol needs. All else in them (fields of later
 * forks included) is not looked at: it is kept as it was sent.
 *
 * @throws InvalidParamsError naming the first field that is wrong.
 */
export function parseEnvelope(input: unknown, raw: Uint8Array | undefined): { block: Block; envelope: Uint8Array } {
  const parsed = v.safeParse(params, input, { abortEarly: true })
  if (!parsed.success) throw new InvalidParamsError(fieldOf(parsed.issues[0]), problemOf(parsed.issues[0]))
  if (!raw) throw new InvalidParamsError('params', 'must be a list of one envelope')
  const [{ executionPayload }] = parsed.output
  const { blockNumber: number, blockHash: hash, parentHash, timestamp, transactions } = executionPayload
  checkReadBack(raw, { number, hash, parentHash })
  const first = transactions[0]
  const origin = first && first.length <= MAX_DEPOSIT_DIGITS ? l1Origin(first) : undefined
  return {
    block: { number, hash, parentHash, timestamp, ...(origin && { l1Origin: origin }) },
    envelope: raw,
  }
}

/** Who reads the payload later takes a field's first mention; it must be the one that is committed. */
function checkReadBack(raw: Uint8Array, { number, hash, parentHash }: BlockId & { readonly parentHash: Hash }) {
  const read = readBack(raw)
  if (read?.number === number && read.hash === hash && read.parentHash === parentHash) return
  const problem = 'must have blockNumber, blockHash and parentHash once each, without escapes in their names'
  throw new InvalidParamsError('params[0].executionPayload', problem)
}

/** What op-node writes has all three before the transactions; only for others the whole is searched. */
function readBack(raw: Uint8Array) {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
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
  return received === 'undefined' ? 'is missing' : message
}
