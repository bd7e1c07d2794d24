import * as v from 'valibot'
import { caught } from '../../engine/caught.ts'
import { chainId, choice, text } from '../../engine/inputs.ts'
import type { Climb } from '../climb.ts'
import { damageKinds, methods } from '../ladder.ts'

const number = v.pipe(
  v.string(),
  v.regex(/^\d{1,18}$/, 'must be a block number'),
  v.transform((digits) => BigInt(digits)),
)
const hash = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-f]{64}$/, 'must be a hash'),
) as unknown as v.GenericSchema<`0x${string}`>
const method = v.picklist(methods)
const kind = v.picklist(damageKinds)

/** How far a recovery is, as a state machine carries it: block numbers are text there. */
const climb = v.object({
  startedAt: v.number(),
  from: number,
  tried: v.array(v.object({ method, kind, at: number })),
  steps: v.array(v.object({ method, outcome: v.string(), ms: v.number(), failed: v.boolean() })),
  foreign: v.exactOptional(hash),
}) satisfies v.GenericSchema<unknown, Climb>

/** The input of one step of the state machine. What earlier steps returned is merged into it. */
export const stepInput = v.object({
  step: v.picklist(['pick', 'begin', 'climb', 'verify', 'give-up'], 'must be pick, begin, climb, verify or give-up'),
  chain: chainId,
  /** What `pick` needs not be told: it finds the one a monitor asks for. */
  node: v.optional(
    v.pipe(v.string('must be the name of a node'), v.regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'must be the name of a node')),
  ),
  by: text,
  /** The execution: of two that were started for the same node, one is refused. */
  owner: text,
  dryRun: choice,
  climb: v.optional(climb),
  error: v.optional(caught),
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>
