/**
 * A signal that aborts with another one, or after `ms`. `AbortSignal.any` is no substitute: it refers to its sources
 * weakly, so a garbage collection takes an `AbortSignal.timeout` that nothing else refers to, and a loop that asks
 * `aborted` never ends.
 *
 * @param ms how long, in ms; its timer keeps no process alive.
 */
export function signalWithin(ms: number, signal?: AbortSignal): AbortSignal {
  const within = new AbortController()
  const late = () => within.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  const timer = setTimeout(late, ms)
  timer.unref()
  const follow = () => {
    clearTimeout(timer)
    within.abort(signal?.reason)
  }
  if (signal?.aborted) follow()
  else signal?.addEventListener('abort', follow, { once: true, signal: within.signal })
  return within.signal
}
