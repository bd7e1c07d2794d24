import type { ChainPorts } from '../context/ports.ts'
import type { RunOptions } from '../monitor/run.ts'
import { countActs } from '../prometheus/count-acts.ts'
import { countHistory, type HistoryPace, historyPaceOf } from '../prometheus/count-history.ts'
import { monitorMetrics } from '../prometheus/monitor-metrics.ts'
import { type Metrics, openMetrics } from '../prometheus/registry.ts'
import { type LeaderFeed, leaderFeed } from './leader-feed.ts'
import { type Liveness, liveness, probes, serveRoutes } from './observation-server.ts'
import { below, leaderRoutes, metricsRoute, type Route } from './routes.ts'

/** A monitor's ports and callbacks, with what it does counted. */
export type Observed<P> = {
  readonly ports: P
  readonly onTick: NonNullable<RunOptions['onTick']>
  readonly onFailed: NonNullable<RunOptions['onFailed']>
}

/** Counts what a monitor does and sees; `feed` learns of its moves at once. */
export function observeMonitor<P extends ChainPorts>(
  ports: P,
  metrics: Metrics,
  feed: LeaderFeed,
  pace?: HistoryPace,
): Observed<P> {
  const { clock, chain, history } = ports
  const monitor = monitorMetrics(metrics, clock.now)
  countHistory(metrics, chain.id, history, clock.monotonic, pace)
  return { ports: { ...countActs(ports, metrics), heads: feed.heads }, onTick: monitor.tick, onFailed: monitor.failed }
}

/** The monitors of a process, observed, and where they answer; `url` is absent if the address is taken. */
export type ServedMonitors<P> = {
  /** In the order of the chains. */
  readonly each: readonly Observed<P>[]
  readonly url: string | undefined
  close(): Promise<void>
}

/**
 * Observes the monitors of the chains of this process, and serves `/metrics`, `/healthz` and `/readyz` for all of them at
 * one address. `/leader` and `/leader/events` are those of a single chain; with several, each chain has all five paths
 * below `/chains/ID`. A taken address is a warning: a second monitor on this host must run all the same.
 */
export async function serveMonitors<P extends ChainPorts>(
  chains: readonly P[],
  address: { readonly host: string; readonly port: number },
): Promise<ServedMonitors<P>> {
  const pace = historyPaceOf(chains.length)
  const parts = chains.map((ports, i) => observeChain(ports, chains.length > 1 ? pace(i) : undefined))
  const alive = Object.fromEntries(parts.map((part) => [part.observed.ports.chain.id, part.alive]))
  const all = [metricsRoute(...parts.map(({ metrics }) => metrics)), probes(alive)]
  const own = parts.flatMap(({ observed, routes }) =>
    parts.length > 1 ? routes.map((route) => below(`/chains/${observed.ports.chain.id}`, route)) : routes,
  )
  const server = await serveRoutes([...all, ...own], address).catch((error: unknown) => {
    const [first] = chains
    first?.log.warn('metrics and probes are not served: set "metrics" to a free address', { ...address, error })
    return undefined
  })
  return {
    each: parts.map(({ observed }) => observed),
    url: server?.url,
    close: async () => {
      for (const { close } of parts) close()
      await server?.close()
    },
  }
}

type Part<P> = {
  readonly observed: Observed<P>
  readonly metrics: Metrics
  readonly alive: Liveness
  readonly routes: readonly Route[]
  readonly close: () => void
}

function observeChain<P extends ChainPorts>(ports: P, pace: HistoryPace | undefined): Part<P> {
  const { chain, heads, leases, clock } = ports
  const metrics = openMetrics(chain.id, ['monitor'])
  const feed = leaderFeed({ chain: chain.id, heads, leases, clock })
  const observed = observeMonitor(ports, metrics, feed, pace)
  const alive = liveness(clock.monotonic)
  const leader = leaderRoutes(feed, (count) => metrics.set('baton_leader_event_readers', {}, count))
  return {
    observed: {
      ports: observed.ports,
      onTick: (ticked, active, tookMs) => {
        alive.tick()
        observed.onTick(ticked, active, tookMs)
      },
      onFailed: (failing) => {
        alive.failed()
        observed.onFailed(failing)
      },
    },
    metrics,
    alive,
    routes: [metricsRoute(metrics), probes({ [chain.id]: alive }), leader.route],
    close: leader.close,
  }
}
