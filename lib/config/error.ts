import { BatonError } from '../errors.ts'
import { repeatedKey } from './repeated-key.ts'

/** A problem of a configuration: the path, the problem, and the expected value. */
export type ConfigurationProblem = {
  readonly path: string
  readonly problem: string
  readonly write: string
  /** The line of the file; absent = the field has none, or comes from no file. */
  readonly line?: number
}

/** The configuration is invalid. `problems` names every invalid field. */
export class ConfigurationError extends BatonError {
  override readonly name = 'ConfigurationError'
  override readonly code = 'configuration'
  readonly problems: readonly ConfigurationProblem[]

  constructor(source: string, problems: readonly ConfigurationProblem[], cause?: unknown) {
    super({
      message: [`${source} cannot be used:`, ...problems.map(formatProblem)].join('\n  '),
      remedy: 'Correct the fields named above.',
      cause,
    })
    this.problems = problems
  }
}

/**
 * Quotes the written value, shortened, for an error. Only names lists and objects, and cuts a URL-like text up to the
 * host: it may contain secrets.
 */
export function quote(input: unknown): string {
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list'
  if (typeof input === 'object' && input !== null) return 'an object'
  const text = (JSON.stringify(input) ?? String(input)).replace(/\/\/.*@/s, '//…@')
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** One problem as a line. */
export function formatProblem({ path, problem, write, line }: ConfigurationProblem): string {
  return `${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${problem}; write ${write}`
}

/**
 * Parses JSON. An error names line and column and quotes nothing, since the text may contain secrets.
 *
 * @throws ConfigurationError
 */
export function parseJson(json: string, source: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    const { message } = cause as SyntaxError
    const at = positionOf(message, json)
    const place = at === undefined ? '' : placeOf(json, at)
    const problem = message.replace(/ in JSON at position.*|(, .*)? is not valid JSON$/s, '')
    throw new ConfigurationError(source, [{ path: place, problem, write: 'valid JSON' }], cause)
  }
  const repeated = repeatedKey(json)
  if (!repeated) return value
  const problem = `${quote(repeated.key)} is written twice in one object`
  throw new ConfigurationError(source, [{ path: placeOf(json, repeated.at), problem, write: 'it once' }])
}

function placeOf(json: string, at: number): string {
  const before = json.slice(0, at).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

/** V8 reports the position, or only the text around it (ten characters to each side). */
function positionOf(message: string, json: string): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return Number(position)
  if (/end of JSON input/.test(message)) return json.length
  const [, token = '', open = '', context = ''] =
    /^Unexpected token '(.)', (\.{3})?"(.*?)"(?:\.{3})? is not/s.exec(message) ?? []
  const start = context === '' ? -1 : json.indexOf(context)
  if (start < 0) return undefined
  return open === '' ? start + context.indexOf(token) : start + 10
}
