import type { ChainConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { createGate } from '../../lib/gate/handle.ts'
import { type GateServer, serveGate } from '../../lib/gate/serve.ts'
import { silentLog } from '../../lib/log.ts'
import { type RunOptions, runMonitor } from '../../lib/monitor/run.ts'
import type { Ticked } from '../../lib/monitor/tick.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import { type SimulatedChain, startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { switchedStores } from '../../lib/simulator/drills/set-stage.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from '../../lib/simulator/start-simulated.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { archiveCommits } from '../../lib/store/archive-commits.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { type Front, openFront } from './front.ts'

/** Everything real but the store (memory, same conditions) and the nodes (simulated, over real HTTP). */
export type Stage = {
  readonly chain: SimulatedChain
  readonly ports: ChainPorts
  /** The proxies between monitor and nodes, two a node; none unless asked for. */
  readonly fronts: Readonly<Record<string, { readonly consensus: Front; readonly execution: Front }>>
  /** Where a node's `--conductor.rpc` has to point. */
  readonly usual: (node: string) => string
  /** Each acknowledged block, in order: what may never be replaced. */
  readonly committed: { readonly number: bigint; readonly hash: Hash; readonly node: string; readonly at: number }[]
  /** The store does not answer while this is true. */
  storeGone: boolean
  /** The gate knows no secret while this is true: it answers, and no node can commit. */
  secretsGone: boolean
  /** Starts a monitor; returns how to kill it, when it has ended, and what it saw last. `apart`: see below. */
  monitor(
    owner?: string,
    options?: Partial<RunOptions> & { readonly apart?: boolean },
  ): { kill: () => Promise<void>; ended: Promise<void>; latest: () => Ticked | undefined }
  /** Waits until a condition holds, 20 s at most by default: a busy machine takes its time. */
  until(what: string, condition: () => boolean | Promise<boolean>, withinMs?: number): Promise<void>
  /** Waits until another node than this one has committed under its own term. */
  leads(test: (leader: string) => boolean): Promise<string>
  close(): Promise<void>
}

/** How a stage differs from the usual one. */
export type StageOptions = {
  readonly blockTimeMs?: number
  /** A minute by default: no block of L1 comes while a test runs. */
  readonly l1BlockTimeMs?: number
  /** So many blocks are due when the chain begins: it catches up first. */
  readonly overdue?: number
  /** How many nodes there are; three by default. */
  readonly nodes?: number
  /** Whether each client is behind a front that can be made to speak for it. */
  readonly behindFronts?: boolean
  /** Where a node's `--conductor.rpc` points, asked at each of its calls. */
  readonly conductorOf?: (node: string, usual: string) => string
  /** Nodes whose consensus client is a kona-node. */
  readonly kona?: readonly string[]
  /** Changes the configuration of the chain: other addresses, other nodes. */
  readonly configure?: (config: ChainConfig) => ChainConfig | Promise<ChainConfig>
}

const usually = (_: string, usual: string) => usual

const same = (config: ChainConfig) => config

/** Sets up a chain of simulated nodes whose conductor is a real gate; nothing is monitored yet. */
export async function setStage({
  blockTimeMs = 400,
  l1BlockTimeMs = 60_000,
  overdue = 0,
  nodes: count = 3,
  behindFronts = false,
  configure = same,
  conductorOf = usually,
  kona = [],
}: StageOptions = {}): Promise<Stage> {
  const names = simulatedNodes.slice(0, count)
  const gatePort = await freePortOr(0)
  const secrets = simulatedSecrets()
  const usual = (node: string) => `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`
  const conductorUrl = (node: string) => conductorOf(node, usual(node))
  const genesisTime = Math.floor((Date.now() - overdue * blockTimeMs) / 1_000)
  const timing = { blockTimeMs, l1BlockTimeMs, genesisTime }
  const chain = await startSimulatedChain({ conductorUrl, nodes: names, kona, ...timing })
  const objects = memoryObjects()
  const gone = { now: false, secrets: false }
  const stores = switchedStores(memoryStores(), () => gone.now)
  const written = await configure(simulatedConfig(chain, secrets, gatePort))
  const fronts: Record<string, { consensus: Front; execution: Front }> = {}
  for (const { name, consensus, execution } of behindFronts ? written.nodes : [])
    fronts[name] = { consensus: await openFront(consensus), execution: await openFront(execution) }
  const nodes = written.nodes.map((node) => {
    const front = fronts[node.name]
    return front ? { ...node, consensus: front.consensus.url, execution: front.execution.url } : node
  })
  const config = { ...written, nodes }
  const gate: GateServer = await serveGate(
    createGate({
      heads: archiveCommits(
        stores.heads,
        (id) => chainArchive(objects, id),
        () => {},
      ),
      objects,
      findSecrets: (_, node) => (secrets[node] && !gone.secrets ? [secrets[node]] : undefined),
      readyChain: '901',
      version: 'test',
    }),
    { port: gatePort },
  )
  const ports = chainPorts(config, { stores, objects }, silentLog)
  /** As a process of its own has them: with connections that no other monitor of this process uses. */
  const portsApart = () => {
    const named = (url: string) => url.replace('127.0.0.1', 'localhost')
    const nodes = config.nodes.map((node) => ({
      ...node,
      consensus: named(node.consensus),
      execution: named(node.execution),
    }))
    return chainPorts({ ...config, nodes }, { stores, objects }, silentLog)
  }
  const committed: Stage['committed'] = []
  chain.events.on('committed', ({ node, block, at }) =>
    committed.push({ number: block.number, hash: block.hash, node, at }),
  )
  const running: (() => Promise<void>)[] = []

  const until: Stage['until'] = async (what, condition, withinMs = 20_000) => {
    const end = Date.now() + withinMs
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`)
      await ports.clock.sleep(10)
    }
  }
  return {
    chain,
    ports,
    fronts,
    usual,
    committed,
    get storeGone() {
      return gone.now
    },
    set storeGone(now) {
      gone.now = now
    },
    get secretsGone() {
      return gone.secrets
    },
    set secretsGone(now) {
      gone.secrets = now
    },
    monitor(owner = 'monitor', { apart = false, ...options } = {}) {
      const abort = new AbortController()
      let latest: Ticked | undefined
      const onTick = (ticked: Ticked) => {
        latest = ticked
      }
      const done = runMonitor(apart ? portsApart() : ports, {
        owner,
        signal: abort.signal,
        tickMs: 250,
        ttlMs: 800,
        onTick,
        ...options,
      })
      const kill = async () => {
        abort.abort()
        await done
      }
      running.push(kill)
      return { kill, ended: done, latest: () => latest }
    },
    until,
    async leads(test) {
      let leader = ''
      await until('the expected node leads', async () => {
        const head = await ports.heads.read('901').catch(() => undefined)
        leader = head?.leader ?? ''
        return head !== undefined && leader !== '' && head.committedTerm === head.term && test(leader)
      })
      return leader
    },
    async close() {
      gone.now = false
      await Promise.all(running.map((kill) => kill()))
      await gate.close()
      await chain.stop()
      for (const { consensus, execution } of Object.values(fronts)) {
        consensus.close()
        execution.close()
      }
    },
  }
}
