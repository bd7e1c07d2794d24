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

/** What each procedure takes, as the page sends it: times in seconds, numbers in digits. */
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

/** Whether a person must type a block's hash before it is begun: what may lose something is. */
export const isConfirmed: (name: ProcedureName) => name is DisasterKind = isDisaster

/** A procedure and what it takes, read. */
export type Planning = {
  readonly [name in ProcedureName]: { readonly procedure: name } & v.InferOutput<(typeof procedureInputs)[name]>
}[ProcedureName]

/** The same, to be begun: with the hash where a person must confirm. */
export type Starting = {
  readonly [name in ProcedureName]: { readonly procedure: name } & v.InferOutput<(typeof procedureInputs)[name]> &
    (name extends DisasterKind ? { readonly hash: string } : unknown)
}[ProcedureName]

/**
 * Reads what a request asks to be planned.
 *
 * @throws v.ValiError naming the field.
 */
export function readPlanning(procedure: ProcedureName, input: unknown): Planning {
  return { procedure, ...v.parse(procedureInputs[procedure], input) } as Planning
}

/**
 * Reads what a request asks to be begun; one that needs a hash has one.
 *
 * @throws v.ValiError naming the field.
 */
export function readStarting(procedure: ProcedureName, input: unknown): Starting {
  const { entries } = procedureInputs[procedure]
  const schema = isConfirmed(procedure) ? v.strictObject({ ...entries, hash: blockHash }) : v.strictObject(entries)
  return { procedure, ...v.parse(schema, input) } as Starting
}

/** What a procedure would do, in lines. */
export type PlanShown = {
  readonly words: string
  /** Nothing would be begun, for the reason in the words. */
  readonly held: boolean
}

/** A procedure that runs, or the one that ended last. Times in Unix ms. */
export type Run = {
  /** `Rolling upgrade to v2`. */
  readonly title: string
  readonly by: string
  readonly startedAt: number
  /** Where the order of steps is known. */
  readonly steps: readonly { readonly label: string; readonly state: 'done' | 'under way' | 'left' }[]
  /** What was said, oldest first. */
  readonly lines: readonly string[]
  /** How far it is with what was said last. */
  readonly progress?: string
  /** Told to end: it does so where it can be left. */
  readonly stopping: boolean
  readonly ended?: {
    readonly at: number
    readonly how: 'done' | 'stopped' | 'refused' | 'failed'
    /** What came of it, or why it ended, and what to do. */
    readonly words: string
  }
}

/** What the page may start and watch; one at a time. Each rejects with why not. */
export type Procedures = {
  /** Looks, and tells what would be done and checked; changes nothing. */
  readonly plan: (asked: Planning) => Promise<PlanShown>
  /** Begins it; resolves when it goes on by itself, or ended at once. */
  readonly start: (asked: Starting) => Promise<string>
  /** Ends the one that runs where it can be left, or puts away the one that ended. */
  readonly stop: () => Promise<string>
  readonly dismiss: () => Promise<string>
  readonly run: () => Run | undefined
  /** Why one cannot be done here, and what to configure. */
  readonly unavailable: Partial<Readonly<Record<ProcedureName, string>>>
}
