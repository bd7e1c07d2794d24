import { BatonError } from '../../errors.ts'

/** An operator's act that cannot be done as asked; nothing was changed. */
export class RefusedActError extends BatonError {
  override readonly name = 'RefusedActError'
  readonly code = 'REFUSED_ACT'

  constructor(message: string, remedy: string) {
    super({ message, remedy })
  }
}
