import * as v from 'valibot'
import { rules } from '../../host/step.ts'
import { blockNumber, chainId, choice, nodeName, requiredNode, secondsOrNone, text } from './inputs.ts'

/** What the console of Systems Manager asks for and says about an operation. */
export type Document = {
  /** Markdown: what it does, what it needs, how to undo it. */
  readonly guide: string
  readonly fields: Fields
  /** Asks the approvers first, if there are any, when it is started in the console, unless `DryRun` is chosen: it needs that field. */
  readonly dangerous: boolean
  /** What an abort asks the act function for once the execution is stopped: a pending request must not outlive it. */
  readonly onAbort?: { readonly act: 'withdraw' }
}

/** One thing that is asked for, by everything that starts the operation: console, command line, page and function. */
export type Field<Value = unknown> = {
  readonly description: string
  /** Reads it, whether it comes as JSON or as text; an empty text is none. */
  readonly schema: v.GenericSchema<unknown, Value>
  /** How the console asks for it; absent = it does not. */
  readonly console?: Parameter
  /** How the page asks for it; absent = by its name. */
  readonly page?: Blank
  /** What the help of the command line calls its value; absent = `text`. */
  readonly hint?: string
}

/** A field of a form on the page: its label, what stands in it while it is empty, and whether a few letters are enough. */
export type Blank = { readonly label: string; readonly placeholder?: string; readonly narrow?: boolean }

/** Whether it must be given. */
export const isRequired = ({ schema }: Field): boolean => !v.safeParse(schema, undefined).success

/** Whether it is a choice between yes and no. */
export const isFlag = ({ console }: Field): boolean => console?.isBoolean === true

/** A parameter of a document. Its value ends in a JSON text, so a pattern or a list bounds it. */
export type Parameter = {
  /** Its name where it is not that of the field. */
  readonly name?: string
  readonly default?: string
  /** Absent for booleans, and where there is a list. */
  readonly allowedPattern?: string
  readonly allowedValues?: readonly string[]
  /** Stands bare in the JSON. */
  readonly isBoolean?: true
}

export type Fields = Readonly<Record<string, Field>>

/** What the fields come to once read. */
export type InputOf<F extends Fields> = {
  readonly [K in keyof F]: v.InferOutput<F[K]['schema']>
} & { readonly by?: string | undefined }

/** The schema of an operation's input: its fields, and who asks. */
export function inputOf<F extends Fields>(fields: F): v.GenericSchema<unknown, InputOf<F>> {
  return v.object({ ...schemasOf(fields), by: text }) as unknown as v.GenericSchema<unknown, InputOf<F>>
}

/** The schema of each field. */
export function schemasOf<F extends Fields>(fields: F): { readonly [K in keyof F]: F[K]['schema'] } {
  const entries = Object.entries(fields).map(([name, { schema }]) => [name, schema])
  return Object.fromEntries(entries) as { readonly [K in keyof F]: F[K]['schema'] }
}

/**
 * Patterns of what operators type. None lets through a quote, a backslash, a brace, white space or anything a shell
 * would read.
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
  /** The name of an execution, as this state machine's documents and the CLI make them. */
  execution: '^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$',
} as const

/** The chain of an operation. */
export const chain = (example = '901') => ({
  description: `The chain id, e.g. ${example}`,
  schema: chainId,
  console: { allowedPattern: patterns.chain },
})

/** A node that must be named. */
export const node = (description: string) => ({
  description,
  schema: requiredNode,
  console: { allowedPattern: patterns.node },
})

/** A node that may be left out. */
export const nodeOrNone = (description: string) => ({
  description,
  schema: nodeName,
  console: { default: '', allowedPattern: patterns.nodeOrNothing },
})

/** A block number that may be left out. */
export const block = (description: string) => ({
  description,
  schema: blockNumber,
  console: { default: '', allowedPattern: patterns.numberOrNothing },
})

/** A block's whole hash, as confirmation. */
export const confirmation = (description: string) => ({
  description,
  schema: v.pipe(
    text,
    v.transform((given) => given?.toLowerCase()),
  ),
  console: { default: '', allowedPattern: patterns.hashOrNothing },
})

/** A choice between yes and no. */
export const flag = (description: string, preset = false, label?: string) => ({
  description,
  ...(label !== undefined && { page: { label } }),
  schema: preset ? v.optional(choice, true) : choice,
  console: { default: String(preset), isBoolean: true as const },
})

/** Seconds that the command line and the page may set. */
export const seconds = (description: string, label: string, preset: number) => ({
  description: `${description}; default ${preset}`,
  schema: secondsOrNone,
  page: { label, placeholder: String(preset), narrow: true },
  hint: 's',
})
