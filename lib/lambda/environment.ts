import * as v from 'valibot'
import type { Variables } from '../aws/signed-fetch.ts'
import { type Configurations, unpackConfigurations } from '../config/packed.ts'
import { BatonError } from '../errors.ts'
import type { TableNames } from '../store/stores.ts'

/** The settings of a function from its environment. */
export type Environment = {
  /** The name of the deployment, e.g. `prod`. */
  readonly name: string
  readonly tables: TableNames
  readonly bucket: string
  /** The chains' configurations as JSON; absent = they are in the parameters only. */
  readonly configurations?: Configurations
  /** The table of small archived payloads; absent = all are in the bucket. */
  readonly payloads?: string
  /** How long archived payloads are kept. */
  readonly archiveDays?: number
  /** The chains the function serves; their ids are the keys of their records. */
  readonly chains: readonly string[]
  /** Prefix of the parameters, e.g. `/baton/prod`, without a trailing slash. */
  readonly parameters: string
  readonly region: string
  /** The URL of the gate, including its stage; absent = the gates run beside the nodes. */
  readonly gateUrl?: string
  /** The function that answers what the gate does not; absent = nothing does. */
  readonly conductorFunction?: string
  /** The prefix of the documents that ask for an approval, e.g. `Baton-prod`; absent = nothing needs one. */
  readonly approvals?: string
}

/** A variable is missing or invalid: the stack and the functions do not match. */
export class EnvironmentError extends BatonError {
  override readonly name = 'EnvironmentError'
  override readonly code = 'environment'

  constructor(problems: readonly string[]) {
    super({
      message: `the function's environment cannot be used: ${problems.join('; ')}`,
      remedy: 'Deploy the function with the Baton constructs, which set these variables.',
    })
  }
}

const text = v.pipe(v.string(), v.minLength(1, 'is empty'))

/** What `BATON_CONFIGURATIONS` holds. */
function unpacked({
  dataset,
  addIssue,
  NEVER,
}: Parameters<Parameters<typeof v.rawTransform<string, Configurations>>[0]>[0]): Configurations {
  try {
    return unpackConfigurations(dataset.value)
  } catch {
    addIssue({ message: 'must be packed configurations' })
    return NEVER
  }
}

const schema = v.object({
  BATON_NAME: text,
  BATON_HEADS_TABLE: text,
  BATON_LEASES_TABLE: text,
  BATON_HISTORY_TABLE: text,
  BATON_BUCKET: text,
  BATON_CONFIGURATIONS: v.optional(v.pipe(text, v.rawTransform(unpacked))),
  BATON_PAYLOADS_TABLE: v.optional(text),
  BATON_ARCHIVE_DAYS: v.optional(v.pipe(text, v.regex(/^[1-9]\d*$/, 'must be a number of days'), v.transform(Number))),
  BATON_CHAINS: v.pipe(
    text,
    v.transform((list) => list.split(',').map((id) => id.trim())),
    v.everyItem((id) => /^[1-9]\d*$/.test(id), 'must be chain ids separated by commas, e.g. "901,902"'),
  ),
  BATON_PARAMETERS: v.pipe(text, v.regex(/^(\/[\w.-]+)+$/, 'must be a path of parameters, e.g. "/baton/prod"')),
  AWS_REGION: text,
  BATON_CONDUCTOR_FUNCTION: v.optional(text),
  BATON_GATE_URL: v.optional(v.pipe(v.string(), v.url('must be a URL'))),
  BATON_APPROVALS: v.optional(text),
})

/**
 * Reads the environment of a function, once, at start.
 *
 * @throws EnvironmentError naming every invalid variable.
 */
export function readEnvironment(variables: Variables = process.env): Environment {
  const read = v.safeParse(schema, variables)
  if (!read.success) throw new EnvironmentError(read.issues.map(describeIssue))
  const {
    BATON_GATE_URL: gateUrl,
    BATON_APPROVALS: approvals,
    BATON_PAYLOADS_TABLE: payloads,
    BATON_ARCHIVE_DAYS: archiveDays,
    BATON_CONFIGURATIONS: configurations,
    BATON_CONDUCTOR_FUNCTION: conductorFunction,
    ...set
  } = read.output
  return {
    name: set.BATON_NAME,
    tables: { heads: set.BATON_HEADS_TABLE, leases: set.BATON_LEASES_TABLE, history: set.BATON_HISTORY_TABLE },
    bucket: set.BATON_BUCKET,
    chains: set.BATON_CHAINS,
    parameters: set.BATON_PARAMETERS,
    region: set.AWS_REGION,
    ...(configurations !== undefined && { configurations }),
    ...(payloads !== undefined && { payloads }),
    ...(archiveDays !== undefined && { archiveDays }),
    ...(gateUrl !== undefined && { gateUrl }),
    ...(conductorFunction !== undefined && { conductorFunction }),
    ...(approvals !== undefined && { approvals }),
  }
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue)} ${issue.received === 'undefined' ? 'is not set' : issue.message}`
}

/**
 * Reads a variable that only one function has.
 *
 * @throws EnvironmentError
 */
export function readVariable(name: string, variables: Variables = process.env): string {
  const value = variables[name]
  if (!value) throw new EnvironmentError([`${name} is not set`])
  return value
}
