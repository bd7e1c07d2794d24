import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { version } from '../version.ts'
import { json, type Route, routes } from './routes.ts'

/** The monitor as a probe sees it. */
export type Liveness = {
  /** Call after each turn. */
  tick(): void
  /** Call after each failed turn. */
  failed(): void
  readonly route: Route
}

/** No turn takes this long (ms): a process that ends none is to be restarted. */
const STUCK_MS = 60_000

/**
 * `/healthz`: 200 while turns end, also failed ones: a restart does not bring a store back. `/readyz`: 200 while turns
 * succeed, 503 before the first and while they fail.
 */
export function liveness(monotonic: () => number = () => performance.now()): Liveness {
  let endedAt = monotonic()
  let state: 'starting' | 'ok' | 'failing' = 'starting'
  return {
    tick() {
      endedAt = monotonic()
      state = 'ok'
    },
    failed() {
      endedAt = monotonic()
      state = 'failing'
    },
    route: routes({
      '/healthz': (response) => {
        const stuck = monotonic() - endedAt > STUCK_MS
        json(response, stuck ? 503 : 200, { version, ...(stuck && { turns: 'stuck' }) })
      },
      '/readyz': (response) => {
        const turns = monotonic() - endedAt > STUCK_MS ? 'stuck' : state
        json(response, turns === 'ok' ? 200 : 503, { version, turns })
      },
    }),
  }
}

/** A listening server of routes. */
export type ObservationServer = { readonly url: string; close(): Promise<void> }

/** Requests have no bodies, so they arrive at once. */
const patience = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }

/** Serves routes over HTTP. Throws when the address is taken. */
export async function serveRoutes(
  all: readonly Route[],
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ObservationServer> {
  const server = createServer(patience, (request, response) => {
    if (!all.some((route) => route(request, response))) {
      request.resume()
      json(response, 404, { error: 'there is nothing here' })
    }
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
