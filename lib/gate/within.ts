import { StoreUnavailableError } from '../store/errors.ts'

/**
 * Gives a piece of work with the store a hard end in ms. Work that goes on after it must look at the
 * signal before it writes.
 *
 * @throws StoreUnavailableError when the time is over.
 */
export async function within<T>(
  ms: number,
  operation: string,
  chain: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new DOMException(`no answer within ${ms} ms`, 'TimeoutError')
      controller.abort(late)
      reject(new StoreUnavailableError(operation, chain, late))
    }, ms)
  })
  try {
    return await Promise.race([work(controller.signal), end])
  } finally {
    clearTimeout(timer)
  }
}
