import type { ChainPorts } from '../context/ports.ts'
import type { RunOptions } from '../monitor/run.ts'
import { countActs } from '../prometheus/count-acts.ts'
import { countHistory } from '../prometheus/count-history.ts'
import { monitorMetrics } from '../prometheus/monitor-metrics.ts'
import { type Metrics, openMetrics } from '../prometheus/registry.ts'
import { type LeaderFeed, leaderFeed } from './leader-feed.ts'
import { liveness, serveRoutes } from './observation-server.ts'
import { leaderRoutes, metricsRoute } from './routes.ts'

/** A monitor's ports and callbacks, with what it does counted. */
export type Observed<P> = {
  readonly ports: P
  readonly onTick: NonNullable<RunOptions['onTick']>
  readonly onFailed: NonNullable<RunOptions['onFailed']>
}

/** Counts what a monitor does and sees; `feed` learns of its moves at once. */
export function observeMonitor<P extends ChainPorts>(ports: P, metrics: Metrics, feed: LeaderFeed): Observed<P> {
  const { clock, chain, history } = ports
  const monitor = monitorMetrics(metrics, clock.now)
  countHistory(metrics, chain.id, history, clock.monotonic)
  return { ports: { ...countActs(ports, metrics), heads: feed.heads }, onTick: monitor.tick, onFailed: monitor.failed }
}

/**
 * Observes a monitor and serves `/metrics`, `/healthz`, `/readyz`, `/leader` and `/leader/events` at an address. A taken
 * address is a warning: a second monitor on this host must run all the same.
 */
export async function serveMonitor<P extends ChainPorts>(
  ports: P,
  address: { readonly host: string; readonly port: number },
): Promise<Observed<P> & { readonly url: string | undefined; close(): Promise<void> }> {
  const { chain, heads, leases, clock, log } = ports
  const metrics = openMetrics(chain.id, ['monitor'])
  const feed = leaderFeed({ chain: chain.id, heads, leases, clock })
  const observed = observeMonitor(ports, metrics, feed)
  const alive = liveness(clock.monotonic)
  const leader = leaderRoutes(feed, (count) => metrics.set('baton_leader_event_readers', {}, count))
  const server = await serveRoutes([metricsRoute(metrics), alive.route, leader.route], address).catch(
    (error: unknown) => {
      log.warn('metrics and probes are not served: set "metrics" to a free address', { ...address, error })
      return undefined
    },
  )
  return {
    ports: observed.ports,
    onTick: (ticked, active, tookMs) => {
      alive.tick()
      observed.onTick(ticked, active, tookMs)
    },
    onFailed: (failing) => {
      alive.failed()
      observed.onFailed(failing)
    },
    url: server?.url,
    close: async () => {
      leader.close()
      await server?.close()
    },
  }
}
