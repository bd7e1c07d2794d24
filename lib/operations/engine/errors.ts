import * as v from 'valibot'
import { BatonError } from '../../errors.ts'

/** The event does not match the function's input schema. */
export class InvalidInputError extends BatonError {
  override readonly name = 'InvalidInputError'
  override readonly code = 'invalid-input'
  /** For functions behind HTTP. */
  readonly statusCode = 400

  constructor(problems: readonly string[]) {
    super({ message: `the input cannot be used: ${problems.join('; ')}`, remedy: 'Correct the fields named above.' })
  }
}

/** The term is not the one the operator saw: sequencing has moved since. Nothing was changed. */
export class TermChangedError extends BatonError {
  override readonly name = 'TermChangedError'
  override readonly code = 'term-changed'

  constructor(expected: number, term: number) {
    super({
      message: `this was requested in term ${expected}, and the term is now ${term}`,
      remedy: 'Check the state again, and repeat the request if you still want it.',
    })
  }
}

/** The act was carried out, but observation does not confirm its effect. */
export class NotVerifiedError extends BatonError {
  override readonly name = 'NotVerifiedError'
  override readonly code = 'not-verified'

  constructor(problem: string, what = 'the switchover') {
    super({
      message: `${what} is not verified: ${problem}`,
      remedy: 'See the history of the chain and its page.',
    })
  }
}

/**
 * Parses a function's input.
 *
 * @throws InvalidInputError naming each invalid field.
 */
export function readInput<Output>(schema: v.GenericSchema<unknown, Output>, event: unknown): Output {
  const read = v.safeParse(schema, event)
  if (read.success) return read.output
  throw new InvalidInputError(
    read.issues.map((issue) => {
      const missing = issue.received === 'undefined'
      return `${v.getDotPath(issue) ?? 'the event'}: ${missing ? 'is missing' : issue.message}`
    }),
  )
}
