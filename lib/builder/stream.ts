import type { FlashblocksStream } from '../protocol/builder.ts'
import { printable } from '../protocol/printable.ts'

/** A stream being listened to. */
export type StreamWatch = {
  /** What is known of it; `undefined` until the first try has ended. Times on the clock given. */
  latest(): FlashblocksStream | undefined
  close(): void
}

/** A connection must be open within this time (ms). */
const OPEN_MS = 5_000
/** A connection that said nothing for this long may be dead: it is replaced (ms). */
const IDLE_MS = 30_000
/** Pause before the next try (ms), doubled with each failure. */
const [RETRY_LEAST_MS, RETRY_MOST_MS] = [500, 10_000]

/**
 * Listens to a flashblocks stream (rollup-boost, or a proxy of it), and connects again for as long as it is not closed.
 * It notes when something came and drops what came. `monotonic` in ms.
 */
export function listenTo(url: string, monotonic: () => number): StreamWatch {
  let known: FlashblocksStream | undefined
  let socket: WebSocket | undefined
  let timer: NodeJS.Timeout | undefined
  let retryMs = RETRY_LEAST_MS
  let closed = false

  const note = (open: boolean, message?: string) => {
    const since = known?.open === open ? known.since : monotonic()
    const heardAt = known?.heardAt
    known = { open, since, ...(heardAt !== undefined && { heardAt }), ...(message !== undefined && { message }) }
  }
  const after = (ms: number, act: () => void) => {
    clearTimeout(timer)
    timer = setTimeout(act, ms)
  }
  const fail = (message: string): void => {
    note(false, printable(message))
    after(retryMs, connect)
    retryMs = Math.min(RETRY_MOST_MS, 2 * retryMs)
  }
  const drop = () => {
    const old = socket
    socket = undefined
    old?.close()
  }
  const connect = () => {
    if (closed) return
    drop()
    const own = new WebSocket(url)
    socket = own
    let problem: string | undefined
    after(OPEN_MS, () => {
      drop()
      fail('no connection')
    })
    own.addEventListener('open', () => {
      if (own !== socket) return
      retryMs = RETRY_LEAST_MS
      note(true)
      after(IDLE_MS, connect)
    })
    own.addEventListener('message', () => {
      if (own !== socket || !known) return
      known = { ...known, heardAt: monotonic() }
      after(IDLE_MS, connect)
    })
    own.addEventListener('error', (event) => {
      const { error, message } = event as Event & { readonly error?: Error; readonly message?: string }
      problem = (error?.cause instanceof Error ? error.cause.message : message) || undefined
    })
    own.addEventListener('close', ({ code, reason }) => {
      if (own === socket && !closed) fail(problem ?? (reason === '' ? `closed (${code})` : reason))
    })
  }
  connect()
  return {
    latest: () => known,
    close() {
      closed = true
      clearTimeout(timer)
      drop()
    },
  }
}
