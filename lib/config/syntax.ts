import { ConfigurationError } from './error.ts'

/**
 * Parses JSON; an error names line and column, and quotes nothing: there may be secrets.
 *
 * @throws ConfigurationError
 */
export function parseJson(json: string, source: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    const { message } = cause as SyntaxError
    const at = positionOf(message, json)
    const before = json.slice(0, at).split('\n')
    const place = at === undefined ? '' : `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
    const problem = message.replace(/ in JSON at position.*|(, .*)? is not valid JSON$/s, '')
    throw new ConfigurationError(source, [{ path: place, problem, write: 'valid JSON' }], cause)
  }
}

/** V8 tells the position, or only the text around it (ten characters to each side). */
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
