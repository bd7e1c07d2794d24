import { HostParameterRefused, HostStepUnknown } from './host.ts'

/** A program and its arguments. `{name}` in a word is replaced by the parameter of that name. */
export type CommandLine = readonly [program: string, ...words: string[]]

/** What a parameter may be. `pattern` is a whole-string regular expression that SSM understands, too. */
export type ParameterRule = { readonly pattern: string; readonly write: string }

/** One prepared step of a stack: command lines run in order, up to the first that fails. */
export type Step = {
  /** What it does, for people. */
  readonly what: string
  readonly lines: readonly CommandLine[]
  readonly parameters?: Readonly<Record<string, ParameterRule>>
  /** All its lines together, ms. */
  readonly timeoutMs: number
}

/** The steps of one kind of node, by name. */
export type Stack = Readonly<Record<string, Step>>

/** Parameters used by more than one stack. No pattern lets a value begin with "-": it cannot become an option. */
export const rules = {
  block: { pattern: '^(0|[1-9][0-9]{0,17})$', write: 'a block number in decimal, e.g. 1234' },
  version: {
    pattern: '^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$',
    write: 'a version such as v1.16.11: letters, digits, ".", "_", "+", "-"',
  },
  stamp: { pattern: '^[0-9]{8}T[0-9]{6}Z$', write: 'a time such as 20261121T124500Z' },
} as const satisfies Readonly<Record<string, ParameterRule>>

/** A moment (Unix ms) as the parameter `stamp` wants it: `20261121T124500Z`, the name of a folder. */
export const stampOf = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')

/**
 * The step of this name.
 *
 * @throws HostStepUnknown
 */
export function stepOf(name: string, stack: Stack, step: string): Step {
  const found = Object.hasOwn(stack, step) ? stack[step] : undefined
  if (!found) throw new HostStepUnknown(name, step, Object.keys(stack))
  return found
}

/**
 * Checks the parameters of a step: each it names and no other, each of its form.
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
    // Without the flag "m", "$" still lets nothing follow, not even a line feed.
    if (!new RegExp(pattern).test(value)) {
      throw new HostParameterRefused(name, parameter, `cannot be ${JSON.stringify(value.slice(0, 60))}`, write)
    }
  }
}

/** The command lines with their parameters filled in, each value staying within its word. */
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

/** A step as a document: what may be run on a machine is decided when it is deployed, not when it is run. */
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

/** A command line for sh, each word quoted; parameters become SSM's, whose values the patterns keep harmless. */
function quote(line: CommandLine): string {
  return line.map((word) => `'${word.replaceAll("'", `'\\''`).replace(/\{(\w+)\}/g, '{{ $1 }}')}'`).join(' ')
}
