import * as v from 'valibot'
import { type DisasterKind, isDisaster } from '../operations/disaster/acts.ts'
import { schemasOf } from '../operations/engine/document.ts'
import { upgradeFields } from '../operations/upgrade/document.ts'

const nodeName = v.pipe(v.string(), v.minLength(1, 'name a node'), v.maxLength(100))
const flag = v.optional(v.boolean(), false)
const blockNumber = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, 'write a block number in digits'),
    v.transform((digits) => BigInt(digits)),
  ),
)
const blockHash = v.pipe(
  v.string('type the hash of the block to confirm'),
  v.trim(),
  v.toLowerCase(),
  v.regex(/^0x[0-9a-f]{64}$/, 'type the whole hash: 0x and 64 hex digits'),
)

const { chain: _, dryRun: __, ...asked } = upgradeFields
const upgrade = v.strictObject(schemasOf(asked))

/** The input of each procedure, as the page sends it: times in seconds, numbers in digits. */
export const procedureInputs = {
  upgrade,
  recover: v.strictObject({ node: nodeName }),
  backfill: v.strictObject({ node: nodeName, from: blockNumber, to: blockNumber }),
  're-seed': v.strictObject({ againstVote: flag }),
  'cold-start': v.strictObject({ node: nodeName, againstVote: flag }),
  override: v.strictObject({ node: nodeName, againstVote: flag }),
  return: v.strictObject({ node: nodeName }),
  'to-op-conductor': v.strictObject({}),
} as const

/** A procedure the page can start. */
export type ProcedureName = keyof typeof procedureInputs

/** Whether a person must type a block's hash to begin it: a procedure that may lose something needs one. */
export const isConfirmed: (name: ProcedureName) => name is DisasterKind = isDisaster

/** A procedure and its parsed input. */
export type Planning = {
  readonly [name in ProcedureName]: { readonly procedure: name } & v.InferOutput<(typeof procedureInputs)[name]>
}[ProcedureName]

/** A procedure to begin: with the hash where a person must confirm. */
export type Starting = {
  readonly [name in ProcedureName]: { readonly procedure: name } & v.InferOutput<(typeof procedureInputs)[name]> &
    (name extends DisasterKind ? { readonly hash: string } : unknown)
}[ProcedureName]

/**
 * Parses a request for a plan.
 *
 * @throws v.ValiError naming the field.
 */
export function readPlanning(procedure: ProcedureName, input: unknown): Planning {
  return { procedure, ...v.parse(procedureInputs[procedure], input) } as Planning
}

/**
 * Parses a request to begin; where a hash is needed, it must be there.
 *
 * @throws v.ValiError naming the field.
 */
export function readStarting(procedure: ProcedureName, input: unknown): Starting {
  const { entries } = procedureInputs[procedure]
  const schema = isConfirmed(procedure) ? v.strictObject({ ...entries, hash: blockHash }) : v.strictObject(entries)
  return { procedure, ...v.parse(schema, input) } as Starting
}

/** The plan of a procedure, as lines. */
export type PlanShown = {
  readonly words: string
  /** The procedure cannot begin; `words` give the reason. */
  readonly held: boolean
}

/** A running procedure, or the last one. Times in Unix ms. */
export type Run = {
  /** `Rolling upgrade to v2`. */
  readonly title: string
  readonly by: string
  readonly startedAt: number
  /** Empty where the order of steps is unknown. */
  readonly steps: readonly { readonly label: string; readonly state: 'done' | 'under way' | 'left' }[]
  /** The reported lines, oldest first. */
  readonly lines: readonly string[]
  /** Progress since the last line. */
  readonly progress?: string
  /** A stop was requested: it ends at the next safe point. */
  readonly stopping: boolean
  readonly ended?: {
    readonly at: number
    readonly how: 'done' | 'stopped' | 'refused' | 'failed'
    /** The result, or why it ended, and what to do. */
    readonly words: string
  }
}

/** The procedures the page can start and watch; one at a time. Each method rejects with why not. */
export type Procedures = {
  /** Observes and returns what would be done and checked; changes nothing. */
  readonly plan: (asked: Planning) => Promise<PlanShown>
  /** Begins it; resolves when it continues in the background, or has already ended. */
  readonly start: (asked: Starting) => Promise<string>
  /** `stop` ends the running one at its next safe point; `dismiss` removes the one that ended. */
  readonly stop: () => Promise<string>
  readonly dismiss: () => Promise<string>
  readonly run: () => Run | undefined
  /** Why a procedure is unavailable here, and what to configure. */
  readonly unavailable: Partial<Readonly<Record<ProcedureName, string>>>
}
