import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { version } from '../version.ts'
import { json, type Route, routes } from './routes.ts'

/** How the turns of a monitor go. `stuck`: none has ended for a minute. */
type Turns = 'starting' | 'ok' | 'failing' | 'stuck'

/** The monitor of a chain as a probe sees it. */
export type Liveness = {
  /** Call after each turn. */
  tick(): void
  /** Call after each failed turn. */
  failed(): void
  readonly turns: () => Turns
}

/** No turn takes this long (ms): a process that ends none is to be restarted. */
const STUCK_MS = 60_000

/** Follows the turns of one chain's monitor. */
export function liveness(monotonic: () => number = () => performance.now()): Liveness {
  let endedAt = monotonic()
  let state: Turns = 'starting'
  const ended = (how: Turns) => {
    endedAt = monotonic()
    state = how
  }
  return {
    tick: () => ended('ok'),
    failed: () => ended('failing'),
    turns: () => (monotonic() - endedAt > STUCK_MS ? 'stuck' : state),
  }
}

/** From worst to best. */
const BY_WORST: readonly Turns[] = ['stuck', 'failing', 'starting', 'ok']

/**
 * The probes of the monitors of a process, by chain. `/healthz`: 200 while turns end, also failed ones: a restart does
 * not bring a store back. `/readyz`: 200 while the turns of each chain succeed, 503 before the first and while they fail.
 * With several chains the body has those that are not well.
 */
export function probes(byChain: Readonly<Record<string, Liveness>>): Route {
  const look = () => {
    const each = Object.entries(byChain).map(([chain, { turns }]) => [chain, turns()] as const)
    const turns = BY_WORST.find((how) => each.some(([, one]) => one === how)) ?? 'ok'
    const unwell = Object.fromEntries(each.filter(([, one]) => one !== 'ok'))
    return { turns, ...(each.length > 1 && turns !== 'ok' && { chains: unwell }) }
  }
  return routes({
    '/healthz': (response) => {
      const found = look()
      const stuck = found.turns === 'stuck'
      json(response, stuck ? 503 : 200, { version, ...(stuck && found) })
    },
    '/readyz': (response) => {
      const found = look()
      json(response, found.turns === 'ok' ? 200 : 503, { version, ...found })
    },
  })
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
