/** The characters kept of a foreign text: it is shown to people. */
const MOST = 200

/**
 * Quotes a foreign text in one line that is safe to show: printable, bounded, and without URLs, which may contain a
 * secret (op-node's errors name the URL of its conductor).
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

/** The process itself answered with a JSON-RPC error. The message is its own text, in one line without URLs. */
export class AnsweredError extends Error {
  override readonly name = 'AnsweredError'
  readonly code: number
  constructor({ code, message }: { readonly code: unknown; readonly message: string }) {
    super(quote(message))
    this.code = typeof code === 'number' ? code : 0
  }
}

const METHOD_NOT_FOUND = -32601

/** Whether an error says that the client does not serve the method. */
export const isUnknownMethod = (error: unknown): boolean =>
  error instanceof AnsweredError && error.code === METHOD_NOT_FOUND

/** Error texts of a client that pruned old blocks on purpose (EIP-4444): code 4444, or an equivalent text. */
const prunedText =
  /\b(pruned|expired) (block )?history\b|\bhistory (has been |was |is )?(pruned|expired)\b|\bblock (is |was )?pruned\b/i
const PRUNED = 4444

/** Whether an error says that the block is gone because the client's history was pruned. */
export const isPruned = (error: unknown): boolean =>
  error instanceof AnsweredError && (error.code === PRUNED || prunedText.test(error.message))

/**
 * The responder is not a JSON-RPC server: a proxy's status, its page, a redirect, a truncated or far too long response.
 * It says nothing about the process behind it.
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

/** A status with the start of its body; a web page is only named as such. */
export function statusMessage(status: number, text: string): string {
  const words = /^\s*</.test(text) ? 'a web page' : quote(text, 100)
  return words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`
}
