import { classify } from '../../chain/failure.ts'
import { BatonError } from '../../errors.ts'
import { UnfinishedActError } from '../../operator/errors.ts'

/**
 * A later step of an act: whatever it fails with, something was done before.
 *
 * @param done what that was; the error tells it.
 * @throws UnfinishedActError in place of any other.
 */
export async function begun<T>(done: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    const [message, remedy] =
      error instanceof BatonError
        ? [error.message, error.remedy]
        : [classify(error).message, 'see that the node answers, then do it again; it finds what is done already']
    throw new UnfinishedActError(`${message}; ${done}`, remedy, error)
  }
}
