import { BatonError } from '../errors.ts'

/** An operator's act that cannot be done as requested; nothing was changed. */
export class RefusedActError extends BatonError {
  override readonly name = 'RefusedActError'
  override readonly code = 'refused-act'

  constructor(message: string, remedy: string) {
    super({ message, remedy })
  }
}

/** An operator's act that began and did not finish; the message says what was changed. */
export class UnfinishedActError extends BatonError {
  override readonly name = 'UnfinishedActError'
  readonly code = 'unfinished-act'

  constructor(message: string, remedy: string, cause?: unknown) {
    super({ message, remedy, cause })
  }
}
