import { BatonError } from '../../errors.ts'

/** An operator's act that cannot be done as asked; nothing was changed. */
export class RefusedActError extends BatonError {
  override readonly name = 'RefusedActError'
  constructor(what: string, remedy: string) {
    super({ code: 'REFUSED_ACT', message: what, remedy })
  }
}
