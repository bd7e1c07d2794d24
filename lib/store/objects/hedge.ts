/** When and how often a request is repeated beside the ones that have not answered yet. */
import { signalWithin } from '../../signal-within.ts'
export type Hedging = {
  /** ms without an answer after which another one is sent. */
  readonly everyMs: number
  /** The most requests in all. */
  readonly most: number
  /** ms after which the last of them is given up. */
  readonly timeoutMs: number
}

/**
 * Sends a request, and beside it another one as long as none has answered: a lost one costs `everyMs`, a slow one
 * nothing, because it is not ended for the next. The first success wins and ends the others. A failed one is replaced
 * at once, while there are any left. For requests that may be executed twice.
 *
 * @throws the error of the last one; or at once one that `isFinal`.
 */
export async function hedged<T>(
  send: (signal: AbortSignal) => Promise<T>,
  { everyMs, most, timeoutMs }: Hedging,
  isFinal: (error: unknown) => boolean,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const over = new AbortController()
  const signal = signalWithin(timeoutMs, over.signal)
  let [begun, failed] = [0, 0]
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    clearTimeout(timer)
    if (begun === most || signal.aborted) return
    begun += 1
    timer = setTimeout(begin, everyMs)
    send(signal).then(resolve, (error: unknown) => {
      failed += 1
      if (isFinal(error) || failed === most || signal.aborted) return reject(error)
      begin()
    })
  }
  begin()
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}
