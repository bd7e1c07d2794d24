import { StoreUnavailableError } from './errors.ts'

/**
 * Runs a call to a store with a hard end: after `timeoutMs` it is aborted and fails, even if the
 * client below ignores the signal (as the resolution of credentials does).
 *
 * @throws StoreUnavailableError for every failure, unless `expected` turns it into a result.
 */
export async function withDeadline<T>(
  operation: string,
  target: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
  expected?: (error: unknown) => T | undefined,
): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')
      reject(late)
      controller.abort(late)
    }, timeoutMs)
  })
  try {
    return await Promise.race([call(controller.signal), end])
  } catch (error) {
    const result = expected?.(error)
    if (result !== undefined) return result
    throw new StoreUnavailableError(operation, target, error)
  } finally {
    clearTimeout(timer)
  }
}
