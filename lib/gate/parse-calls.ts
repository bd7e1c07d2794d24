import { isUtf8 } from 'node:buffer'
import { excessOf, findElements, findMembers, findOnlyElement, type Span } from './raw-json.ts'
import { InvalidRequestError, ParseError } from './rpc-errors.ts'

/** The most calls in one batch. */
export const MAX_BATCH = 20

/** The longest echoed `id`, in bytes. */
const MAX_ID_BYTES = 256

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])

export type Call =
  | {
      readonly kind: 'call'
      /** The id as JSON text, byte for byte as sent. */
      readonly id: string
      readonly method: string
      readonly params: unknown
      /** The JSON text of the only parameter; `undefined` unless there is exactly one. */
      readonly rawParam: () => Uint8Array | undefined
    }
  | { readonly kind: 'notification' }
  | { readonly kind: 'invalid'; readonly id: string; readonly error: InvalidRequestError }

/** The calls of a body. */
export type Calls = { readonly batch: boolean; readonly calls: readonly Call[] }

/**
 * Parses a JSON-RPC 2.0 body: one call, or a batch of up to {@link MAX_BATCH}.
 *
 * @throws ParseError when it is not JSON.
 * @throws InvalidRequestError when a batch is empty or too long, or the body nests too deep or has too many values.
 */
export function parseCalls(body: Uint8Array): Calls {
  const json = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const value = parseJson(json)
  if (!Array.isArray(value)) return { batch: false, calls: [parseCall(json, 0, value)] }
  if (value.length === 0) throw new InvalidRequestError('the batch is empty')
  if (value.length > MAX_BATCH) throw new InvalidRequestError(`the batch has more than ${MAX_BATCH} calls`)
  const spans = findElements(json, 0)
  return { batch: true, calls: value.map((call, i) => parseCall(json, spans[i]?.start ?? 0, call)) }
}

function parseJson(json: Buffer): unknown {
  const wrong = (cause?: unknown) => new ParseError(otherThanJson(json), cause)
  if (!isUtf8(json)) throw wrong()
  const excess = excessOf(json)
  if (excess !== undefined) throw new InvalidRequestError(excess)
  try {
    return JSON.parse(json.toString())
  } catch (cause) {
    throw wrong(cause)
  }
}

/** Names the format of a body that is not JSON, by its first bytes. */
function otherThanJson(json: Buffer): string | undefined {
  if (json.length === 0) return 'empty'
  const [first, second, third] = json
  if (first === 0x1f && second === 0x8b) return 'compressed (gzip), which the gate does not take'
  if (json.subarray(0, 4).equals(ZSTD)) return 'compressed (zstd), which the gate does not take'
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'not JSON: it begins with a byte order mark'
  if (!isUtf8(json)) return 'binary (SSZ, or compressed?), not JSON in UTF-8'
  return undefined
}

function parseCall(json: Buffer, at: number, value: unknown): Call {
  const invalid = (problem: string, id = 'null'): Call => ({
    kind: 'invalid',
    id,
    error: new InvalidRequestError(problem),
  })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid('a request is an object')
  const members = findMembers(json, at)
  const { jsonrpc, method, params, id } = value as Readonly<Record<string, unknown>>

  const idSpan = members.get('id')
  if (id !== null && !['undefined', 'string', 'number'].includes(typeof id)) {
    return invalid('"id" is a number, a string or null')
  }
  const idText = idSpan ? textOf(json, idSpan) : 'null'
  if (Buffer.byteLength(idText) > MAX_ID_BYTES) return invalid(`"id" has more than ${MAX_ID_BYTES} bytes`)
  if (jsonrpc !== '2.0') return invalid('"jsonrpc" must be "2.0"', idText)
  if (typeof method !== 'string') return invalid('"method" must be a string', idText)
  if (!idSpan) return { kind: 'notification' }

  const rawParam = () => {
    const span = members.get('params')
    if (!span || !Array.isArray(params) || params.length !== 1) return undefined
    const only = findOnlyElement(json, span)
    return json.subarray(only.start, only.end)
  }
  return { kind: 'call', id: idText, method, params, rawParam }
}

function textOf(json: Buffer, { start, end }: Span): string {
  return json.toString('utf8', start, end)
}
