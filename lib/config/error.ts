import { BatonError } from '../errors.ts'

/** One thing wrong with a configuration: where, what, and what to write instead. */
export type ConfigurationProblem = { readonly path: string; readonly problem: string; readonly write: string }

/** The configuration cannot be used. `problems` names every field that is wrong. */
export class ConfigurationError extends BatonError {
  override readonly name = 'ConfigurationError'
  override readonly code = 'configuration'
  readonly problems: readonly ConfigurationProblem[]

  constructor(source: string, problems: readonly ConfigurationProblem[], cause?: unknown) {
    super({
      message: [`${source} cannot be used:`, ...problems.map(line)].join('\n  '),
      remedy: 'Correct the fields named above.',
      cause,
    })
    this.problems = problems
  }
}

/**
 * What was written, short, for an error. Lists and objects are only named, and of what looks like a URL everything up
 * to the host is left out: there may be secrets.
 */
export function quote(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'object' && input !== null) return 'an object'
  const text = (JSON.stringify(input) ?? String(input)).replace(/\/\/.*@/s, '//…@')
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function line({ path, problem, write }: ConfigurationProblem): string {
  return `${path === '' ? '' : `${path}: `}${problem}; write ${write}`
}
