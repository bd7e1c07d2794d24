import * as v from 'valibot'
import { chainId, choice, natural, text } from '../../engine/inputs.ts'

/** A block number that may be missing or empty. */
const blockNumber = v.pipe(
  natural,
  v.transform((given) => (given === undefined ? undefined : BigInt(given))),
)

/** The input of one step of the state machine. What earlier steps returned is merged into it. */
export const stepInput = v.object({
  step: v.picklist(['plan', 'slice'], 'must be plan or slice'),
  chain: chainId,
  node: v.pipe(
    v.string('must be the name of a node'),
    v.regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'must be the name of a node'),
  ),
  from: blockNumber,
  to: blockNumber,
  by: text,
  dryRun: choice,
  /** How many slices were done before this one. */
  n: natural,
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>

/** Who asks, when nobody says. */
export const asker = ({ by }: StepInput): string => by ?? 'the backfill workflow'
