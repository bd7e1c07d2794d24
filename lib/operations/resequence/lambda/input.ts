import * as v from 'valibot'
import { InvalidInputError } from '../../engine/errors.ts'
import { chainId, choice, natural, text } from '../../engine/inputs.ts'
import type { ResequenceRequest } from '../request.ts'

const decimal = v.pipe(
  v.string('must be a batch number'),
  v.regex(/^[1-9]\d{0,17}$/, 'must be a batch number'),
  v.transform((digits) => BigInt(digits)),
)
const batches = v.pipe(
  v.optional(v.string('must be batch numbers with commas'), ''),
  v.transform((list) => (list === '' ? [] : list.split(','))),
  v.array(decimal),
)
/** A choice that is made unless it is unmade. */
const unless = v.optional(choice, true)

/** The input of one step of the state machine. */
export const stepInput = v.object({
  step: v.picklist(['plan', 'carry'], 'must be plan or carry'),
  chain: chainId,
  act: v.optional(v.picklist(['begin', 'resume', 'restore'], 'must be begin, resume or restore'), 'begin'),
  /** The last batch that is kept; `begin` and `restore`. */
  batch: v.optional(v.pipe(v.string(), v.regex(/^(\d{1,18})?$/, 'must be a batch number')), ''),
  /** The hash of its last block, as confirmation. Empty = only the plan. */
  hash: text,
  from: v.optional(v.picklist(['stream', 'l1'], 'must be stream or l1'), 'stream'),
  bad: batches,
  strict: unless,
  reuse: unless,
  by: text,
  /** The name of the execution: what its slices are known by. Two executions may be asked for by the same person. */
  execution: text,
  /** When the state machine began to carry it out, Unix ms. */
  since: natural,
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>

/** Who asks, when nobody says. */
export const asker = ({ by }: StepInput): string => by ?? 'the resequence workflow'

/** The id its execution works under, the same in each slice. */
export const ownerOf = (input: StepInput): string => `${asker(input)}/${input.execution ?? input.since ?? ''}`

/** The kept batch. @throws InvalidInputError */
export function batchOf({ batch }: StepInput): bigint {
  if (batch !== '') return BigInt(batch)
  throw new InvalidInputError(['batch: must be the last batch that is kept'])
}

/** The kept batch with its confirmation. @throws InvalidInputError */
export function keepOf(input: StepInput): ResequenceRequest['keep'] {
  const hash = input.hash?.toLowerCase() ?? ''
  if (/^0x[0-9a-f]{64}$/.test(hash)) return { batch: batchOf(input), hash: hash as `0x${string}` }
  throw new InvalidInputError(['hash: must be the hash of the last block of the kept batch, as the plan shows it'])
}
