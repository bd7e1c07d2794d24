import { quote } from './quote.ts'

/** The process itself answered, with a JSON-RPC error. The message is its own words, in one line without URLs. */
export class AnsweredError extends Error {
  override readonly name = 'AnsweredError'
  readonly code: number
  constructor({ code, message }: { readonly code: unknown; readonly message: string }) {
    super(quote(message))
    this.code = typeof code === 'number' ? code : 0
  }
}

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
    super(told(status, text))
  }
}

/** A status with the first words that came with it; of a web page only that it is one. */
export function told(status: number, text: string): string {
  const words = /^\s*</.test(text) ? 'a web page' : quote(text, 100)
  return words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`
}
