import * as v from 'valibot'
import { InvalidInputError } from '../../engine/errors.ts'
import { chainId, choice, nodeName, text } from '../../engine/inputs.ts'
import type { DisasterAct } from '../procedure.ts'

/** The acts that a state machine may carry out. */
export const kinds = ['re-seed', 'cold-start', 'override', 'return', 'to-op-conductor'] as const

/** The input of one step of the state machine. */
export const stepInput = v.object({
  step: v.picklist(['survey', 'act', 'see'], 'must be survey, act or see'),
  chain: chainId,
  kind: v.picklist(kinds, `must be one of ${kinds.join(', ')}`),
  /** The block's whole hash, as confirmation. Empty = only tell what is left. */
  hash: v.pipe(
    text,
    v.transform((given) => given?.toLowerCase()),
  ),
  /** Who goes on, for `cold-start`; which node, for `override` and `return`. */
  node: nodeName,
  /** A block the votes are not for. */
  againstVote: choice,
  by: text,
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>

/** Who asks, when nobody says. */
export const asker = ({ by }: StepInput): string => by ?? 'the disaster workflow'

/**
 * The act, with all it needs.
 *
 * @throws InvalidInputError
 */
export function actOf({ kind, hash, node, againstVote }: StepInput): DisasterAct {
  if (hash === undefined) throw new InvalidInputError(["hash: must be the block's whole hash, as confirmation"])
  if (kind === 're-seed') return { act: kind, hash, againstVote }
  if (kind === 'to-op-conductor') return { act: kind, hash }
  if (node === undefined) throw new InvalidInputError([`node: must be the name of a node, for ${kind}`])
  if (kind === 'return') return { act: kind, hash, node }
  return kind === 'override' ? { act: kind, hash, node, againstVote } : { act: kind, hash, to: node, againstVote }
}
