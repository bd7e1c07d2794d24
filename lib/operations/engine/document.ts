import * as v from 'valibot'
import { rules } from '../../host/step.ts'
import { blockNumber, chainId, choice, nodeName, requiredNode, secondsOrNone, text } from './inputs.ts'

/** How an operation appears in the Systems Manager console: its guide and its fields. */
export type Document = {
  /** Markdown: what it does, what it needs, how to undo it. */
  readonly guide: string
  readonly fields: Fields
  /**
   * A console start asks the approvers first, if any are configured. `DryRun` skips that, so the document needs that
   * field.
   */
  readonly dangerous: boolean
  /** The act that an abort calls after it stops the execution: a pending request must not outlive it. */
  readonly onAbort?: { readonly act: 'withdraw' }
}

/** One input of an operation, shared by everything that starts it: console, command line, page and function. */
export type Field<Value = unknown> = {
  readonly description: string
  /** Reads the value from JSON or text. Empty text counts as absent. */
  readonly schema: v.GenericSchema<unknown, Value>
  /** Its parameter in the console; absent = the console does not ask for it. */
  readonly console?: Parameter
  /** Its field on the page; absent = named after the field. */
  readonly page?: Blank
  /** The value's name in the command line's help; absent = `text`. */
  readonly hint?: string
}

/** A form field on the page: its label, its placeholder, and whether it only needs room for a few characters. */
export type Blank = { readonly label: string; readonly placeholder?: string; readonly narrow?: boolean }

/** Whether the field is mandatory. */
export const isRequired = ({ schema }: Field): boolean => !v.safeParse(schema, undefined).success

/** Whether the field is boolean. */
export const isFlag = ({ console }: Field): boolean => console?.isBoolean === true

/** A parameter of a document. Its value ends up in JSON text, so a pattern or a list of values constrains it. */
export type Parameter = {
  /** The parameter's name, where it differs from the field's. */
  readonly name?: string
  readonly default?: string
  /** Absent for booleans and for parameters with a list of values. */
  readonly allowedPattern?: string
  readonly allowedValues?: readonly string[]
  /** Unquoted in the JSON. */
  readonly isBoolean?: true
}

export type Fields = Readonly<Record<string, Field>>

/** The parsed values of the fields. */
export type InputOf<F extends Fields> = {
  readonly [K in keyof F]: v.InferOutput<F[K]['schema']>
} & { readonly by?: string | undefined }

/** The schema of an operation's input: its fields and `by`. */
export function inputOf<F extends Fields>(fields: F): v.GenericSchema<unknown, InputOf<F>> {
  return v.object({ ...schemasOf(fields), by: text }) as unknown as v.GenericSchema<unknown, InputOf<F>>
}

export function schemasOf<F extends Fields>(fields: F): { readonly [K in keyof F]: F[K]['schema'] } {
  const entries = Object.entries(fields).map(([name, { schema }]) => [name, schema])
  return Object.fromEntries(entries) as { readonly [K in keyof F]: F[K]['schema'] }
}

/**
 * Patterns for what operators type. None admits a quote, a backslash, a brace, white space or a shell metacharacter.
 */
export const patterns = {
  chain: '^[0-9]{1,16}$',
  node: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$',
  nodeOrNothing: '^([A-Za-z0-9][A-Za-z0-9_-]{0,62})?$',
  numberOrNothing: '^([0-9]{1,15})?$',
  numbersOrNothing: '^([1-9][0-9]{0,14}(,[1-9][0-9]{0,14}){0,99})?$',
  version: rules.version.pattern,
  versionOrNothing: '^([0-9A-Za-z][0-9A-Za-z._+-]{0,63})?$',
  hashOrNothing: '^(0x[0-9a-f]{64})?$',
  /** The name of an execution, as the documents and the CLI generate it. */
  execution: '^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$',
} as const

/** The operation's chain. */
export const chain = (example = '901') => ({
  description: `The chain id, e.g. ${example}`,
  schema: chainId,
  console: { allowedPattern: patterns.chain },
})

/** A mandatory node. */
export const node = (description: string) => ({
  description,
  schema: requiredNode,
  console: { allowedPattern: patterns.node },
})

/** An optional node. */
export const nodeOrNone = (description: string) => ({
  description,
  schema: nodeName,
  console: { default: '', allowedPattern: patterns.nodeOrNothing },
})

/** An optional block number. */
export const block = (description: string) => ({
  description,
  schema: blockNumber,
  console: { default: '', allowedPattern: patterns.numberOrNothing },
})

/** A full block hash, as confirmation. */
export const confirmation = (description: string) => ({
  description,
  schema: v.pipe(
    text,
    v.transform((given) => given?.toLowerCase()),
  ),
  console: { default: '', allowedPattern: patterns.hashOrNothing },
})

/** A boolean choice. */
export const flag = (description: string, preset = false, label?: string) => ({
  description,
  ...(label !== undefined && { page: { label } }),
  schema: preset ? v.optional(choice, true) : choice,
  console: { default: String(preset), isBoolean: true as const },
})

/** A duration in seconds that the command line and the page can set. */
export const seconds = (description: string, label: string, preset: number) => ({
  description: `${description}; default ${preset}`,
  schema: secondsOrNone,
  page: { label, placeholder: String(preset), narrow: true },
  hint: 's',
})
