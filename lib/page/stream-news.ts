import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Refresh interval without events: ages grow. */
const EVERY_MS = 1_000
/** Changes closer together than this are sent as one. */
const GATHER_MS = 60
/** A reader that stops reading is disconnected at this backlog, in bytes. */
const MAX_UNSENT = 4_000_000

/** Server-sent events for any number of readers, made once for all of them. */
export type News = {
  attach(response: ServerResponse, headers: OutgoingHttpHeaders): void
  /** Sends an update to all readers soon. */
  send(): void
  close(): void
}

/** Streams what `make` returns (JSON) to all readers: every second, and soon after each change. */
export function streamNews(
  make: () => Promise<string>,
  subscribe: ((changed: () => void) => () => void) | undefined,
): News {
  const readers = new Set<ServerResponse>()
  let soon: NodeJS.Timeout | undefined
  const deliver = async () => {
    if (readers.size === 0) return
    const data = await make().catch(() => undefined)
    if (data === undefined) return
    for (const reader of readers) {
      if (reader.writableLength > MAX_UNSENT) reader.destroy()
      else reader.write(`event: state\ndata: ${data}\n\n`)
    }
  }
  const send = () => {
    soon ??= setTimeout(() => {
      soon = undefined
      void deliver()
    }, GATHER_MS).unref()
  }
  const unsubscribe = subscribe?.(send)
  const pulse = setInterval(deliver, EVERY_MS).unref()
  return {
    attach(response, headers) {
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).write('retry: 1000\n\n')
      readers.add(response)
      response.on('close', () => readers.delete(response))
      send()
    },
    send,
    close() {
      unsubscribe?.()
      clearInterval(pulse)
      clearTimeout(soon)
      for (const reader of readers) reader.end()
    },
  }
}
