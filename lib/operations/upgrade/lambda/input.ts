import * as v from 'valibot'
import { rules } from '../../../host/step.ts'
import { caught } from '../../engine/caught.ts'
import { chainId, choice, natural, text } from '../../engine/inputs.ts'
import type { UpgradeOrder } from '../order.ts'

const steps = [
  'plan',
  'begin',
  'next',
  'take-out',
  'install',
  'installed',
  'fit',
  'put-back',
  'ask-lead',
  'lead',
  'last',
  'finish',
  'stop',
] as const

/** A node that is being upgraded: the id of its step on the machine, and when that was seen to end (Unix ms). */
const upgrading = v.object({
  node: v.string(),
  before: v.array(v.string()),
  since: v.number(),
  command: v.optional(v.string()),
  endedAt: v.optional(v.number()),
})

/** A move of the lead: the switchover that was asked for, and when the new leader was first seen to lead (Unix ms). */
const lead = v.object({
  from: v.string(),
  to: v.string(),
  id: v.optional(v.string(), ''),
  term: v.optional(v.number(), 0),
  since: v.optional(v.number()),
})

/** The input of one step of the state machine. What the last step returned is merged into it. */
export const stepInput = v.object({
  step: v.picklist(steps, `must be one of ${steps.join(', ')}`),
  chain: chainId,
  to: v.pipe(
    v.string(`must be ${rules.version.write}`),
    v.regex(new RegExp(rules.version.pattern), `must be ${rules.version.write}`),
  ),
  expect: text,
  resume: choice,
  alone: choice,
  /** How long a node has to be fit again, and the new leader to last, in seconds. */
  within: natural,
  bake: natural,
  by: text,
  /** The execution: of two that are started, one is refused. */
  owner: text,
  /** How many steps of the plan were begun. */
  taken: v.optional(v.number(), 0),
  upgrading: v.optional(upgrading),
  lead: v.optional(lead),
  error: v.optional(caught),
})

/** A checked {@link stepInput}. */
export type StepInput = v.InferOutput<typeof stepInput>

/** A node that is being upgraded, and a move of the lead, as a state machine carries them. */
export type CarriedNode = v.InferOutput<typeof upgrading>
export type CarriedLead = v.InferOutput<typeof lead>

/** What a step came to, and what the next one is handed. */
export type Stepped = {
  readonly outcome: string
  /** For people. */
  readonly told: string
  readonly taken: number
  readonly upgrading?: CarriedNode
  readonly lead?: CarriedLead
}

/** What is asked for, as the command line asks for it. */
export function orderOf({ to, expect, resume, alone, within, bake, by, owner }: StepInput): UpgradeOrder {
  return {
    to,
    by: by ?? 'the upgrade workflow',
    // An execution that began before its definition named it.
    owner: owner ?? `started by ${by ?? 'the upgrade workflow'}`,
    resume,
    alone,
    ...(expect !== undefined && { expect }),
    ...(within !== undefined && { withinMs: within * 1_000 }),
    ...(bake !== undefined && { bakeMs: bake * 1_000 }),
  }
}
