import { BatonError } from '../errors.ts'

/** A function was asked about a chain it does not serve. */
export class UnknownChainError extends BatonError {
  override readonly name = 'UnknownChainError'
  override readonly code = 'unknown-chain'

  constructor(chain: string, known: readonly string[]) {
    super({ message: `there is no chain "${chain}" here`, remedy: `Name one of ${known.join(', ')}.` })
  }
}
