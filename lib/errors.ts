/** The content of every Baton error: what happened (the message), the remedy, and the cause. */
export type BatonErrorParameters = {
  /** What happened, as a sentence. */
  readonly message: string
  /** What to do about it, as a sentence. */
  readonly remedy: string
  readonly cause?: unknown
}

/**
 * Base of all errors Baton throws on purpose. Subclasses set a literal `name` (state machines match on it, and
 * minifiers rename classes) and a stable `code`.
 */
export abstract class BatonError extends Error {
  abstract override readonly name: string
  abstract readonly code: string
  readonly remedy: string

  constructor({ message, remedy, cause }: BatonErrorParameters) {
    super(message, cause === undefined ? undefined : { cause })
    this.remedy = remedy
  }
}
