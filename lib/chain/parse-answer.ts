import { NotTheNodeError } from './errors.ts'

/** The deepest nesting of a node's answer. */
const MOST_DEPTH = 32
/** The minimum average bytes per value in a real answer. */
const LEAST_BYTES = 16
/** The number of values always parsed, however few bytes they take. */
const FREE_VALUES = 10_000

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Parses an answer after a check of its raw bytes: parsing millions of values, or thousands of levels, would block the
 * loop that serves commits. `limit`: the allowed number of bytes.
 *
 * @throws NotTheNodeError when it is not JSON, or no node would write it.
 */
export function parseAnswer(bytes: Buffer, limit: number): unknown {
  if (bytes.length === 0) throw new NotTheNodeError('not a JSON-RPC answer: an empty body')
  const { depth, values } = measure(bytes)
  if (depth > MOST_DEPTH) throw new NotTheNodeError(`not a JSON-RPC answer: nested deeper than ${MOST_DEPTH}`)
  const most = FREE_VALUES + limit / LEAST_BYTES
  if (values > most) throw new NotTheNodeError(`not a JSON-RPC answer: more than ${Math.round(most)} values`)
  try {
    return JSON.parse(bytes.toString())
  } catch {
    const page = /^\s*</.test(bytes.toString('latin1', 0, 64))
    throw new NotTheNodeError(`not a JSON-RPC answer: ${page ? 'a web page' : 'no JSON'}`)
  }
}

/** Measures depth and number of values of possible JSON; skips strings, which are most of it. */
function measure(bytes: Buffer): { depth: number; values: number } {
  let [open, depth, values] = [0, 0, 0]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) i = endOfString(bytes, i)
    else if (byte === COMMA) values++
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      values++
      depth = Math.max(depth, ++open)
      if (depth > MOST_DEPTH) break
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) open--
  }
  return { depth, values }
}

function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let escapes = 0
    while (bytes[end - 1 - escapes] === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return bytes.length
}
