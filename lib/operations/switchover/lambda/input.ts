import * as v from 'valibot'
import { chainId, choice, natural, nodeName, text } from '../../engine/inputs.ts'

/** The input of one step of the state machine. What earlier steps returned is merged into it. */
export const stepInput = v.object({
  step: v.picklist(['check', 'request', 'watch', 'verify'], 'must be check, request, watch or verify'),
  chain: chainId,
  /** Where to; empty = the best standby. */
  to: nodeName,
  by: text,
  /** The execution that asks, for `request`: what it asked for, it finds again. */
  owner: text,
  dryRun: choice,
  /** Of the request, for `watch`. */
  id: text,
  /** The term the request was made in, and who led then, for `watch`. */
  term: natural,
  from: nodeName,
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>

/** Who asks, when nobody says. */
export const asker = ({ by }: StepInput): string => by ?? 'the switchover workflow'
