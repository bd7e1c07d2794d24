import type { ArgsDef } from 'citty'
import * as v from 'valibot'
import { type Fields, isFlag, isRequired } from '../lib/operations/engine/document.ts'
import { UsageError } from './errors.ts'

/** The options every command takes. */
export const globals = {
  config: {
    type: 'string',
    valueHint: 'file',
    description:
      'configuration of the chain, or ssm:NAME for a deployed one; default: the process that "baton start" runs in this folder',
  },
  json: { type: 'boolean', description: 'write JSON: big integers as decimal strings' },
  'no-color': { type: 'boolean', description: 'no colours; NO_COLOR=1 does the same' },
} as const

/** The values of {@link globals}. */
export type Globals = { readonly config?: string | undefined; readonly json?: boolean | undefined }

/** The options of a command, made from the fields of its operation. A node is a positional argument. */
export function optionsOf(fields: Fields): ArgsDef {
  const options = Object.entries(fields).map(([name, field]): [string, ArgsDef[string]] => {
    const description = `${field.description[0]?.toLowerCase()}${field.description.slice(1)}`
    const required = isRequired(field)
    if (name === 'node') return [name, { type: 'positional', required, description }]
    if (isFlag(field)) return [optionOf(name), { type: 'boolean', description }]
    return [optionOf(name), { type: 'string', valueHint: field.hint ?? 'text', required, description }]
  })
  return Object.fromEntries(options)
}

/**
 * Reads the options of {@link optionsOf}.
 *
 * @throws UsageError naming the invalid option.
 */
export function readOptions<F extends Fields>(
  fields: F,
  args: Readonly<Record<string, unknown>>,
): { readonly [K in keyof F]: v.InferOutput<F[K]['schema']> } {
  const read = Object.entries(fields).map(([name, { schema }]): [string, unknown] => {
    const given = args[optionOf(name)] ?? args[name]
    const { success, output, issues } = v.safeParse(schema, given)
    if (success) return [name, output]
    throw new UsageError(`--${optionOf(name)} ${given} is not valid`, `It ${issues[0].message}.`)
  })
  return Object.fromEntries(read) as { readonly [K in keyof F]: v.InferOutput<F[K]['schema']> }
}

/** `dryRun` becomes `--dry-run`. */
const optionOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
