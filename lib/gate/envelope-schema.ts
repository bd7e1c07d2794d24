import * as v from 'valibot'
import { hash } from '../chain/schema.ts'

type Bytes = `0x${string}`

/** A hex number as op-node writes it: at most `digits` digits, no leading zeros. */
const hexNumber = (digits: number, bits: string) =>
  v.pipe(
    v.string('must be a hex quantity'),
    v.regex(
      new RegExp(`^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,${digits - 1}})$`),
      `must be a hex quantity of at most ${bits} without leading zeros`,
    ),
    v.transform((text) => BigInt(text)),
  )

const quantity = hexNumber(16, '64 bits')

/** 0x-hex of exactly `length` bytes; of any length when absent. */
const bytes = (length?: number) =>
  v.pipe(
    v.string('must be 0x-hex bytes'),
    v.regex(
      new RegExp(`^0x(?:[0-9a-fA-F]{2})${length === undefined ? '*' : `{${length}}`}$`),
      length === undefined ? 'must be 0x-hex bytes' : `must be ${length} bytes as 0x-hex`,
    ),
  )

/** Checks the form only: walking through megabytes of digits would cost more than the write. */
const transactions = v.pipe(
  v.custom<readonly Bytes[]>(
    (list) => Array.isArray(list) && list.every((tx) => typeof tx === 'string' && tx.startsWith('0x') && tx.length > 2),
    'must be a list of transactions as 0x-hex bytes',
  ),
  v.check((list) => list.length > 0, 'must not be empty: the first one of each block is the L1-info deposit'),
)

const blockHash = v.pipe(
  hash,
  v.check((value) => !/^0x0+$/.test(value), 'must not be zero'),
)

/** The year 2106. Rejects a time in ms, and one from a broken clock. */
const LATEST = 2n ** 32n

const timestamp = v.pipe(
  quantity,
  v.check((seconds) => seconds > 0n && seconds < LATEST, 'must be a time in seconds between 1970 and 2106'),
)

/** A field that only some forks have; some clients write `null` when the block lacks it. */
const sinceFork = <S extends v.GenericSchema>(schema: S) => v.nullish(schema)

const payload = v.object(
  {
    parentHash: hash,
    feeRecipient: bytes(20),
    stateRoot: hash,
    receiptsRoot: hash,
    logsBloom: bytes(256),
    prevRandao: hash,
    blockNumber: quantity,
    gasLimit: quantity,
    gasUsed: quantity,
    timestamp,
    extraData: bytes(),
    baseFeePerGas: hexNumber(64, '256 bits'),
    blockHash,
    transactions,
    withdrawals: sinceFork(v.array(v.unknown(), 'must be a list')),
    blobGasUsed: sinceFork(quantity),
    excessBlobGas: sinceFork(quantity),
    withdrawalsRoot: sinceFork(hash),
  },
  'must be an execution payload',
)

const envelope = v.object({ executionPayload: payload, parentBeaconBlockRoot: sinceFork(hash) }, 'must be an envelope')

type Checked = v.InferOutput<typeof envelope>

/** An invalid field, by its path in the envelope. */
type Wrong = { readonly path: readonly [string, ...string[]]; readonly problem: string }

/** Checks the header rules that span several fields, without hashing the block. */
function contradiction({ executionPayload: block, parentBeaconBlockRoot }: Checked): Wrong | undefined {
  const wrong = (field: string, problem: string): Wrong => ({ path: ['executionPayload', field], problem })
  const has = (field: unknown) => field !== undefined && field !== null
  if (block.blockHash === block.parentHash) return wrong('blockHash', 'must not be the parent hash')
  if (block.gasUsed > block.gasLimit) return wrong('gasUsed', 'must not be above gasLimit')
  const ecotone = has(block.blobGasUsed)
  if (has(block.excessBlobGas) !== ecotone)
    return wrong(ecotone ? 'excessBlobGas' : 'blobGasUsed', 'is missing: both come since Ecotone')
  if (has(parentBeaconBlockRoot) !== ecotone)
    return ecotone
      ? { path: ['parentBeaconBlockRoot'], problem: 'is missing: it comes with blobGasUsed' }
      : wrong('blobGasUsed', 'is missing: it comes with parentBeaconBlockRoot')
  if (ecotone && !has(block.withdrawals)) return wrong('withdrawals', 'is missing: it comes since Canyon')
  if (has(block.withdrawalsRoot) && !ecotone) return wrong('blobGasUsed', 'is missing: it comes before withdrawalsRoot')
  return undefined
}

/**
 * The parameters of a commit: one envelope with every field op-node sends in each block, in op-node's format. Fields of
 * later forks are allowed.
 */
export const commitParams = v.strictTuple(
  [
    v.pipe(
      envelope,
      v.rawCheck(({ dataset, addIssue }) => {
        const found = dataset.typed && contradiction(dataset.value)
        if (!found) return
        const [first, ...rest] = found.path
        const item = (key: string) =>
          ({ type: 'object', origin: 'value', input: {}, key, value: undefined }) satisfies v.ObjectPathItem
        addIssue({ message: found.problem, path: [item(first), ...rest.map(item)] })
      }),
    ),
  ],
  'must be a list of one envelope',
)
