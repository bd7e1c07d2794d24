import type { CommandLine, Step } from './step.ts'

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
