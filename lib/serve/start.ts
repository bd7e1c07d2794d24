import { EventEmitter } from 'node:events'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { AwsAccess } from '../aws/signed-fetch.ts'
import type { ChainConfig } from '../config/chain-config.ts'
import { chainPorts, gateProbe } from '../context/chain-ports.ts'
import { type ChainPorts, systemClock } from '../context/ports.ts'
import { freePortOr } from '../free-port.ts'
import type { Log } from '../log.ts'
import { runMonitor } from '../monitor/run.ts'
import { openBackfill } from '../operations/backfill/open.ts'
import type { BackfillPorts } from '../operations/backfill/ports.ts'
import { watchDamage } from '../operations/crash-recovery/watch.ts'
import type { Faults } from '../page/acts.ts'
import { type PageServer, servePage } from '../page/serve.ts'
import { openMetrics } from '../prometheus/registry.ts'
import { backgroundJobs } from './background-job.ts'
import { type BlockFeed, blockFeed } from './block-feed.ts'
import { fillStory } from './fill-story.ts'
import { keepStory } from './keep-story.ts'
import { leaderFeed } from './leader-feed.ts'
import { type Observed, observeMonitor } from './observe-monitor.ts'
import { createLocalTables, openEmbedded, openStores } from './open-stores.ts'
import { pageActs } from './page-acts.ts'
import { runGate } from './run-gate.ts'
import { type Latest, takeSnapshot } from './snapshot.ts'
import { recordStory, type StoryRecorder } from './story-recorder.ts'

/** How the local process starts. */
export type StartOptions = {
  /** A chain of real nodes; absent = a simulated chain of three. */
  readonly config?: ChainConfig
  /** Where the data is kept; a simulated chain starts from scratch in it. */
  readonly folder: string
  /** The page's port; absent = the configured port, or a free one if that is taken. */
  readonly pagePort?: number
  /** The gate's port, 0 for any free one; absent = the configured one, or for a simulated chain 8547 or a free one. */
  readonly gatePort?: number
  /** The address the page listens on; absent = the configured one. */
  readonly pageHost?: string
  /** What readers of the page must send as a password; needed where other machines can reach it. */
  readonly pageSecret?: string
  /** Block time of the simulated chain in ms; default 2000. */
  readonly blockTimeMs?: number
  /** The page's actor, for the history. */
  readonly operator: string
  readonly log: Log
  /** AWS access, for nodes with machines or secrets on AWS; absent = there are none. */
  readonly aws?: AwsAccess
}

/** Baton in one process. */
export type Local = {
  readonly page: PageServer
  /** What other commands need to reach the same chain, including the store's endpoint. */
  readonly config: ChainConfig
  readonly ports: ChainPorts
  stop(): Promise<void>
}

/** How to stop what was started, in start order: the last one stops first. */
type Closing = (() => Promise<unknown>)[]

/**
 * Runs everything in one process: the embedded database, the gate, the monitor, the page and, without real nodes, a
 * simulated chain. These are the parts that run on AWS.
 */
export async function startLocal(options: StartOptions): Promise<Local> {
  const closing: Closing = []
  const stop = async () => {
    let failed: { readonly error: unknown } | undefined
    for (const close of closing.splice(0).reverse()) {
      // A part that fails to stop must not keep the others up.
      await Promise.resolve(close()).catch((error: unknown) => {
        failed ??= { error }
      })
    }
    if (failed) throw failed.error
  }
  try {
    return { ...(await startParts(options, closing)), stop }
  } catch (error) {
    await stop().catch((left: unknown) => options.log.error('not everything came down', { error: left }))
    throw error
  }
}

async function startParts(options: StartOptions, closing: Closing): Promise<Omit<Local, 'stop'>> {
  const { folder, log, aws } = options
  const gatePort = options.gatePort === 0 ? await freePortOr(0) : options.gatePort
  const { config, simulated } = options.config
    ? { config: withGateAt(options.config, gatePort), simulated: undefined }
    : await simulate(folder, options.blockTimeMs, gatePort)
  if (simulated) closing.push(simulated.stop)

  const data = join(folder, options.config ? String(config.chain.id) : 'simulated')
  if (config.store) await createLocalTables(config.store)
  const open = config.store ? openStores(config.store, { aws }) : await openEmbedded(data)
  closing.push(open.close)
  const story = recordStory(config.chain.blockTimeMs, Date.now)
  closing.push((await keepStory(story, data, log)).close)
  const feed = blockFeed(open.stores.heads, story.onBlock)
  const metrics = openMetrics(String(config.chain.id), ['gate', 'monitor'])
  const leaders = leaderFeed({
    chain: String(config.chain.id),
    heads: open.stores.heads,
    leases: open.stores.leases,
    clock: systemClock,
  })
  const served = { ...open, stores: { ...open.stores, heads: feed.heads } }
  const gate = await runGate(config, served, log, { metrics, feed: leaders })
  closing.push(gate.close)

  const ports = await openBackfill(
    config,
    {
      ...chainPorts(config, { ...open, ...(aws && { aws }) }, log),
      gate: gateProbe(gate.url),
      ...(simulated && { host: simulated.host }),
    },
    { env: process.env, ...(aws && { parameter: aws.parameter }) },
  )
  const latest: Latest = { history: [] }
  // Before the monitor: a start whose page has no port must not act on a chain.
  const page = await showPage({ ports, latest, feed, story, faults: simulated?.faults }, config, options, closing)
  watch(ports, config, { observed: observeMonitor(ports, metrics, leaders), story, latest }, closing)
  closing.push(fillStory(ports, story, log).close)
  const store = config.store ?? {
    ...(open.endpoint !== undefined && { endpoint: open.endpoint }),
    objects: { kind: 'folder' as const, path: join(data, 'objects') },
  }
  return { page, ports, config: { ...config, store } }
}

/** A process beside real nodes never loads the simulator. */
async function simulate(folder: string, blockTimeMs: number | undefined, gatePort: number | undefined) {
  const { startSimulated } = await import('../simulator/start-simulated.ts')
  return await startSimulated(folder, blockTimeMs, gatePort)
}

const withGateAt = (config: ChainConfig, port: number | undefined): ChainConfig =>
  port === undefined ? config : { ...config, gate: { ...config.gate, port } }

type Watching = {
  readonly observed: Observed<BackfillPorts>
  readonly story: StoryRecorder
  readonly latest: Latest
}

/** Runs the monitor and the recovery of damaged nodes; keeps the latest observation. */
function watch(
  ports: BackfillPorts,
  { recovery: mode }: ChainConfig,
  { observed, story, latest }: Watching,
  closing: Closing,
): void {
  const recovery = watchDamage(ports, mode)
  closing.push(recovery.close)
  const running = new AbortController()
  const monitor = runMonitor(observed.ports, {
    owner: `${hostname()}-${process.pid}`,
    signal: running.signal,
    onTick: (ticked, active, tookMs) => {
      observed.onTick(ticked, active, tookMs)
      latest.ticked = ticked
      delete latest.failing
      story.onTick(ticked)
      recovery.onTick(ticked, active)
    },
    onFailed: (failing) => {
      observed.onFailed(failing)
      latest.failing = failing
    },
  })
  closing.push(() => {
    running.abort()
    return monitor
  })
}

/** What the page shows and acts on. */
type Showing = {
  readonly ports: BackfillPorts
  readonly latest: Latest
  readonly feed: BlockFeed
  readonly story: StoryRecorder
  readonly faults: Faults | undefined
}

async function showPage(
  { ports, latest, feed, story, faults }: Showing,
  config: ChainConfig,
  { log, operator, pagePort, pageHost, pageSecret }: StartOptions,
  closing: Closing,
): Promise<PageServer> {
  const news = new EventEmitter()
  const runner = backgroundJobs(log, () => news.emit('changed'))
  closing.push(runner.close)
  const page = await servePage({
    host: pageHost ?? config.page.host,
    ...(pageSecret !== undefined && { secret: pageSecret }),
    port: pagePort ?? (await freePortOr(config.page.port)),
    snapshot: () => takeSnapshot(ports, latest, feed),
    story: story.storyOf,
    subscribe(changed) {
      news.on('changed', changed)
      const unsubscribe = feed.subscribe(changed)
      return () => {
        news.off('changed', changed)
        unsubscribe()
      }
    },
    acts: pageActs({ ports, operator, runner, faults }),
    ...(faults && { faults: faults.states }),
  })
  closing.push(page.close)
  return page
}
