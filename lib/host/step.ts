import { HostParameterRefused, HostStepUnknown } from './host.ts'

/** A program and its arguments. `{name}` in a word is replaced with the parameter of that name. */
export type CommandLine = readonly [program: string, ...words: string[]]

/** The rule of a parameter. `pattern` is a whole-string regular expression in syntax that SSM also accepts. */
export type ParameterRule = { readonly pattern: string; readonly write: string }

/** A prepared step of a stack: command lines run in order, up to the first failure. */
export type Step = {
  /** A description for people. */
  readonly what: string
  readonly lines: readonly CommandLine[]
  readonly parameters?: Readonly<Record<string, ParameterRule>>
  /** Timeout of all its lines together, in ms. */
  readonly timeoutMs: number
}

/** The steps of one client stack, by name. */
export type Stack = Readonly<Record<string, Step>>

/** Parameters shared by several stacks. No pattern lets a value start with "-", so it cannot become an option. */
export const rules = {
  block: { pattern: '^(0|[1-9][0-9]{0,17})$', write: 'a block number in decimal, e.g. 1234' },
  version: {
    pattern: '^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$',
    write: 'a version such as v1.16.11: letters, digits, ".", "_", "+", "-"',
  },
  stamp: { pattern: '^[0-9]{8}T[0-9]{6}Z$', write: 'a time such as 20261121T124500Z' },
} as const satisfies Readonly<Record<string, ParameterRule>>

/** Formats a time (Unix ms) for the parameter `stamp`, the name of a folder: `20261121T124500Z`. */
export const stampOf = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')

/**
 * Finds a step by name.
 *
 * @throws HostStepUnknown
 */
export function stepOf(name: string, stack: Stack, step: string): Step {
  const found = Object.hasOwn(stack, step) ? stack[step] : undefined
  if (!found) throw new HostStepUnknown(name, step, Object.keys(stack))
  return found
}

/**
 * Checks the parameters of a step: all required, no other, each matching its pattern.
 *
 * @throws HostParameterRefused
 */
export function checkParameters(name: string, step: Step, given: Readonly<Record<string, string>>): void {
  const wanted = step.parameters ?? {}
  for (const parameter of Object.keys(given)) {
    if (Object.hasOwn(wanted, parameter)) continue
    throw new HostParameterRefused(name, parameter, 'is not one of its parameters', 'nothing')
  }
  for (const [parameter, { pattern, write }] of Object.entries(wanted)) {
    const value = given[parameter]
    if (value === undefined) throw new HostParameterRefused(name, parameter, 'is missing', write)
    // Without the flag "m", "$" allows no trailing text, not even a line feed.
    if (!new RegExp(pattern).test(value)) {
      throw new HostParameterRefused(name, parameter, `cannot be ${JSON.stringify(value.slice(0, 60))}`, write)
    }
  }
}

/** Fills the parameters into the command lines; each value stays within its word. */
export function fillLines(lines: readonly CommandLine[], given: Readonly<Record<string, string>>): CommandLine[] {
  const fill = (word: string) => word.replace(/\{(\w+)\}/g, (whole, key: string) => given[key] ?? whole)
  return lines.map(([program, ...words]) => [program, ...words.map(fill)])
}

/** An SSM Command document, as data. */
export type CommandDocument = {
  readonly schemaVersion: '2.2'
  readonly description: string
  readonly parameters: Readonly<
    Record<string, { readonly type: 'String'; readonly description: string; readonly allowedPattern: string }>
  >
  readonly mainSteps: readonly object[]
}

/** The name of the document that holds a step's command lines, e.g. "Baton-prod-op-geth-restart-execution". */
export function documentName(prefix: string, stack: string, step: string): string {
  return `${prefix}-${stack}-${step}`
}

/** Renders a step as a document: the commands allowed on a machine are fixed at deploy time, not at run time. */
export function commandDocument({ what, lines, parameters = {}, timeoutMs }: Step): CommandDocument {
  return {
    schemaVersion: '2.2',
    description: `Baton: ${what}.`,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, { pattern, write }]) => [
        name,
        { type: 'String', description: write, allowedPattern: pattern },
      ]),
    ),
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'Run',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: String(Math.ceil(timeoutMs / 1_000)), runCommand: ['set -eu', ...lines.map(quote)] },
      },
    ],
  }
}

/**
 * Formats a command line for sh, each word quoted. Parameters become SSM's; their patterns keep the values harmless.
 */
function quote(line: CommandLine): string {
  return line.map((word) => `'${word.replaceAll("'", `'\\''`).replace(/\{(\w+)\}/g, '{{ $1 }}')}'`).join(' ')
}
