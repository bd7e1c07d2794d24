/** What others wrote is shown to people: so many characters of its first line. */
const MOST = 200

/**
 * Somebody else's words in one line that is safe to show: printable, bounded, and without URLs, which may hold a
 * secret (op-node's errors name that of its conductor).
 */
export function quote(text: string, most = MOST): string {
  const [line = ''] = text
    .trimStart()
    .slice(0, 4 * MOST)
    .split(/[\r\n]/, 1)
  return line
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*/gi, '(URL)')
    .trim()
    .slice(0, most)
}

/** The process itself answered, with a JSON-RPC error. The message is its own words, in one line without URLs. */
export class AnsweredError extends Error {
  override readonly name = 'AnsweredError'
  readonly code: number
  constructor({ code, message }: { readonly code: unknown; readonly message: string }) {
    super(quote(message))
    this.code = typeof code === 'number' ? code : 0
  }
}

const METHOD_NOT_FOUND = -32601

/** Whether a client says that it does not serve a method. */
export const isUnknownMethod = (error: unknown): boolean =>
  error instanceof AnsweredError && error.code === METHOD_NOT_FOUND

/** Answers of a client that threw old blocks away on purpose (EIP-4444): 4444, or words to that effect. */
const prunedText =
  /\b(pruned|expired) (block )?history\b|\bhistory (has been |was |is )?(pruned|expired)\b|\bblock (is |was )?pruned\b/i
const PRUNED = 4444

/** Whether a client says that it has a block no more because its history was pruned. */
export const isPruned = (error: unknown): boolean =>
  error instanceof AnsweredError && (error.code === PRUNED || prunedText.test(error.message))

/**
 * What answered is no JSON-RPC server: a proxy's status, its page, a redirect, something cut short or far too long.
 * It says nothing of the process behind it.
 */
export class NotTheNodeError extends Error {
  override readonly name = 'NotTheNodeError'
}

/** The endpoint rejected our credentials: HTTP 401, 403 or 407. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError'
  constructor(status: number, text: string) {
    super(statusMessage(status, text))
  }
}

/** A status with the first words that came with it; of a web page only that it is one. */
export function statusMessage(status: number, text: string): string {
  const words = /^\s*</.test(text) ? 'a web page' : quote(text, 100)
  return words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`
}
