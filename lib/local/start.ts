import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openBackfill } from '../backfill/open.ts'
import { watchDamage } from '../crash-recovery/watch.ts'
import { gateProbe } from '../monitor/gate-probe.ts'
import { hold, pause, resume } from '../monitor/operate/modes.ts'
import { switchover } from '../monitor/operate/switchover.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { runMonitor } from '../monitor/run.ts'
import type { Snapshot } from '../monitor/snapshot.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { Acts } from '../page/acts.ts'
import { type PageServer, servePage } from '../page/serve.ts'
import type { ChainConfig } from '../store/config.ts'
import type { Log } from '../telemetry.ts'
import { type BlockFeed, blockFeed } from './block-feed.ts'
import { chainPorts } from './chain-ports.ts'
import { type Faults, simulatedFaults } from './faults.ts'
import { freePortOr } from './free-port.ts'
import { createLocalTables, openEmbedded, openStores } from './open-stores.ts'
import { runGate } from './run-gate.ts'
import { startSimulatedChain } from './simulated/chain.ts'
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
  const { folder, log, operator } = options
  const { config, faults } = options.config
    ? { config: options.config, faults: undefined }
    : await startSimulated(options, closing)

  const data = join(folder, options.config ? String(config.chain.id) : 'simulated')
  if (config.store) await createLocalTables(config.store)
  const open = config.store ? openStores(config.store) : await openEmbedded(data)
  closing.push(open.close)
  const feed = blockFeed(open.stores.heads)
  const gate = await runGate(config, { ...open, stores: { ...open.stores, heads: feed.heads } }, log)
  closing.push(gate.close)

  const ports: ChainPorts = { ...chainPorts(config, open, log), gate: gateProbe(gate.url) }
  const recovery = watchDamage(await openBackfill(config, ports, { env: process.env }), config.recovery)
  closing.push(recovery.close)
  const running = new AbortController()
  const latest: { ticked?: Ticked } = {}
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

  const page = await servePage({
    host: config.page.host,
    port: options.pagePort ?? (await freePortOr(config.page.port)),
    snapshot: () => takeSnapshot(ports, latest.ticked, feed),
    subscribe: feed.subscribe,
    acts: pageActs(ports, operator, faults),
    ...(faults && { faults: faults.states }),
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
  return { config: simulatedConfig(chain, secrets, gatePort), faults: simulatedFaults(chain) }
}

async function takeSnapshot(ports: ChainPorts, ticked: Ticked | undefined, feed: BlockFeed): Promise<Snapshot> {
  const { chain, history, monitorLease, clock, nodes, policy } = ports
  const waiting: Ticked = {
    view: { now: clock.now(), nodes, policy, trails: {} },
    decision: { condition: 'observing', commands: [], reasons: [], page: [], verdicts: [] },
  }
  const monitor = await monitorLease.read(chain.id)
  return {
    chain,
    ...(ticked ?? waiting),
    history: await history.list(chain.id, { limit: 50 }),
    blocks: feed.recent(),
    ...(monitor && { monitor }),
  }
}

function pageActs(ports: ChainPorts, operator: string, faults: Faults | undefined): Acts {
  return {
    pause: async () => `paused by ${(await pause(ports, operator)).modeBy}`,
    resume: async () => `resumed by ${(await resume(ports, operator)).modeBy}`,
    hold: async () => `pinned to ${(await hold(ports, operator)).holder}`,
    switchover: async ({ to }) => {
      await switchover(ports, { by: operator, ...(to !== undefined && { to }) })
      return `switchover to ${to ?? 'the best standby'} asked for`
    },
    ...(faults && { fault: ({ node, kind }) => faults.apply(node, kind) }),
  }
}
