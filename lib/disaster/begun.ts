import { RefusedActError, UnfinishedActError } from '../monitor/operate/errors.ts'

/**
 * A later step of an act: if it is refused, the act is not, since something was done before.
 *
 * @param done what that was; the error tells it.
 * @throws UnfinishedActError in place of RefusedActError.
 */
export async function begun<T>(done: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    if (!(error instanceof RefusedActError || error instanceof UnfinishedActError)) throw error
    throw new UnfinishedActError(`${error.message}; ${done}`, error.remedy, error)
  }
}
