/**
 * Runs work with a hard deadline: after `ms` it aborts the work and rejects with a `TimeoutError`, even if the work
 * ignores its signal (as the resolution of credentials does). Work that continues must check the signal before it
 * writes.
 */
export async function withTimeout<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new DOMException(`no answer within ${ms} ms`, 'TimeoutError')
      reject(late)
      controller.abort(late)
    }, ms)
  })
  try {
    return await Promise.race([work(controller.signal), end])
  } finally {
    clearTimeout(timer)
  }
}
