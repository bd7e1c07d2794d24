import { EventEmitter } from 'node:events'
import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { AwsAccess } from '../aws-requests/access.ts'
import { openBackfill } from '../backfill/open.ts'
import { watchDamage } from '../crash-recovery/watch.ts'
import { chainPorts } from '../monitor/chain-ports.ts'
import { gateProbe } from '../monitor/gate-probe.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { runMonitor } from '../monitor/run.ts'
import type { Snapshot } from '../monitor/snapshot.ts'
import type { Ticked } from '../monitor/tick.ts'
import { type PageServer, servePage } from '../page/serve.ts'
import type { ChainConfig } from '../store/config.ts'
import type { Log } from '../telemetry.ts'
import { type BlockFeed, blockFeed } from './block-feed.ts'
import { simulatedFaults } from './faults.ts'
import { freePortOr } from './free-port.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { createLocalTables, openEmbedded, openStores } from './open-stores.ts'
import { pageActs } from './page-acts.ts'
import { runGate } from './run-gate.ts'
import { startSimulatedChain } from './simulated/chain.ts'
import { simulatedHost } from './simulated/host.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from './simulated-config.ts'

/** How the local process is started. */
export type StartOptions = {
  /** A chain of real nodes; absent = a simulated chain of three. */
  readonly config?: ChainConfig
  /** Where the data is kept; a simulated chain starts anew in it. */
  readonly folder: string
  /** Where the page listens; absent = the configured port, or a free one if that is taken. */
  readonly pagePort?: number
  /** Block time of the simulated chain in ms; default 2000. */
  readonly blockTimeMs?: number
  /** Who acts on the page, for the history. */
  readonly operator: string
  readonly log: Log
  /** For nodes whose machines or secrets are on AWS; absent = there are none. */
  readonly aws?: AwsAccess
}

/** Baton in one process. */
export type Local = {
  readonly page: PageServer
  /** What other commands need to reach the same chain: the store's endpoint included. */
  readonly config: ChainConfig
  readonly ports: ChainPorts
  stop(): Promise<void>
}

/**
 * Runs everything in one process: the embedded database, the gate, the monitor, the page, and, when
 * no real nodes are given, a simulated chain. The parts are the ones that run on AWS.
 */
export async function startLocal(options: StartOptions): Promise<Local> {
  const closing: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  try {
    return { ...(await startParts(options, closing)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startParts(options: StartOptions, closing: (() => Promise<unknown>)[]): Promise<Omit<Local, 'stop'>> {
  const { folder, log, operator, aws } = options
  const { config, simulated } = options.config
    ? { config: options.config, simulated: undefined }
    : await startSimulated(options, closing)

  const data = join(folder, options.config ? String(config.chain.id) : 'simulated')
  if (config.store) await createLocalTables(config.store)
  const open = config.store ? openStores(config.store) : await openEmbedded(data)
  closing.push(open.close)
  const feed = blockFeed(open.stores.heads)
  const gate = await runGate(config, { ...open, stores: { ...open.stores, heads: feed.heads } }, log)
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
  const recovery = watchDamage(ports, config.recovery)
  closing.push(recovery.close)
  const running = new AbortController()
  const latest: Latest = { history: [] }
  const owner = `${hostname()}-${process.pid}`
  const monitor = runMonitor(ports, {
    owner,
    signal: running.signal,
    onTick: (ticked, active) => {
      latest.ticked = ticked
      recovery.onTick(ticked, active)
    },
  })
  closing.push(() => {
    running.abort()
    return monitor
  })

  const news = new EventEmitter()
  const runner = oneAtATime(log, () => news.emit('changed'))
  closing.push(runner.close)
  const page = await servePage({
    host: config.page.host,
    port: options.pagePort ?? (await freePortOr(config.page.port)),
    snapshot: () => takeSnapshot(ports, latest, feed),
    subscribe(changed) {
      news.on('changed', changed)
      const unsubscribe = feed.subscribe(changed)
      return () => {
        news.off('changed', changed)
        unsubscribe()
      }
    },
    acts: pageActs({ ports, operator, runner, faults: simulated?.faults }),
    ...(simulated && { faults: simulated.faults.states }),
  })
  closing.push(page.close)
  const store = config.store ?? {
    ...(open.endpoint !== undefined && { endpoint: open.endpoint }),
    objects: { kind: 'folder' as const, path: join(data, 'objects') },
  }
  return { page, ports, config: { ...config, store } }
}

async function startSimulated({ folder, blockTimeMs = 2_000 }: StartOptions, closing: (() => Promise<unknown>)[]) {
  rmSync(join(folder, 'simulated'), { recursive: true, force: true })
  const gatePort = await freePortOr(8547)
  const secrets = simulatedSecrets()
  const conductorUrl = (node: string) =>
    `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`
  const chain = await startSimulatedChain({ conductorUrl, blockTimeMs, nodes: simulatedNodes })
  closing.push(() => chain.stop())
  const hosts = new Map(chain.nodes.map((node) => [node.name, simulatedHost(node)]))
  const simulated = { faults: simulatedFaults(chain), host: (node: string) => hosts.get(node) }
  return { config: simulatedConfig(chain, secrets, gatePort), simulated }
}

/** What was seen last: shown on while the store does not answer. */
type Latest = { ticked?: Ticked } & Pick<Snapshot, 'history' | 'monitor'>

async function takeSnapshot(ports: ChainPorts, latest: Latest, feed: BlockFeed): Promise<Snapshot> {
  const { chain, history, monitorLease, clock, nodes, policy } = ports
  const waiting: Ticked = {
    view: { now: clock.now(), nodes, policy, trails: {} },
    decision: { condition: 'observing', commands: [], reasons: [], page: [], verdicts: [] },
  }
  const [records, monitor] = await Promise.all([
    history.list(chain.id, { limit: 50 }).catch(() => latest.history),
    monitorLease.read(chain.id).catch(() => latest.monitor),
  ])
  Object.assign(latest, { history: records, monitor })
  const { ticked = waiting } = latest
  return { chain, ...ticked, history: records, blocks: feed.recent(), ...(monitor && { monitor }) }
}
