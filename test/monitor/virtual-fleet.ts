import type { Envelope } from '../../lib/chain/envelope.ts'
import { getSyncing } from '../../lib/chain/execution.ts'
import type { ChainPorts, NodePort } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import type { Ticked } from '../../lib/monitor/tick.ts'
import type { BlockId } from '../../lib/protocol/block.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import type { Answer, Observation } from '../../lib/protocol/observation.ts'
import { defaultPolicy, type Policy } from '../../lib/protocol/policy.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { ConsensusClient } from '../../lib/simulator/chain/consensus.ts'
import { ExecutionClient } from '../../lib/simulator/chain/execution.ts'
import { L1View } from '../../lib/simulator/chain/l1.ts'
import { Network } from '../../lib/simulator/chain/network.ts'
import { blockOf, type SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
import { Process } from '../../lib/simulator/chain/process.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { packPayload } from '../../lib/store/payload.ts'
import { BLOCK_MS, buildOn, dueAt, GENESIS, HistoryL1, originAfter } from '../simulation/blocks.ts'
import { EPOCH, Scheduler } from '../simulation/scheduler.ts'

const CHAIN = '901'
type Settings = {
  /** The first leads; those of `alone` have no peers. */
  readonly nodes?: readonly string[]
  readonly alone?: readonly string[]
  /** How long the execution client of a standby takes for a call (ms). */
  readonly executionMs?: number
  /** Blocks that never reach the archive. */
  readonly unarchived?: (number: bigint) => boolean
  /** How long a call to a node takes (ms). */
  readonly callMs?: number
  readonly policy?: Partial<Policy>
}

/** A sequencer of a virtual fleet: the state machines of op-node and its execution client. */
type Node = {
  readonly name: string
  readonly execution: ExecutionClient
  readonly consensus: ConsensusClient
  readonly host: Process
  connected: boolean
  posts: number
}

/**
 * A chain on virtual time: simulated op-nodes of which some have no peers, real records, a real archive. No L1 block
 * comes after the first: what a node lacks it can only be given.
 */
export function virtualFleet({
  nodes: names = ['ada', 'bob', 'cyd'],
  alone = [],
  executionMs = 1,
  unarchived = () => false,
  callMs = 2,
  policy = {},
}: Settings = {}) {
  const scheduler = new Scheduler()
  const stores = memoryStores()
  const objects = memoryObjects()
  const archive = chainArchive(objects, CHAIN)
  const l1 = new HistoryL1(EPOCH, 86_400_000, () => scheduler.now())
  const network = new Network(scheduler)
  const wait = (ms: number) => new Promise<void>((resolve) => void scheduler.after(ms, resolve))

  const conductorCall = (name: string) => async (method: string, params: readonly unknown[]) => {
    await wait(2)
    if (method === 'conductor_leader') return (await stores.heads.read(CHAIN))?.leader === name
    const envelope = params[0] as Envelope
    const place = { payload: await packPayload(JSON.stringify(envelope)) }
    const committed = await stores.heads.commit(CHAIN, commit(name, blockOf(envelope), place, scheduler.now()))
    if (!committed.applied) throw new Error('not the leader')
    const head = (await stores.heads.readWithPayload(CHAIN)) as Head
    if (!unarchived(head.number)) await archive.put(head)
    return null
  }
  const nodes = names.map((name): Node => {
    const view = new L1View(l1)
    const execution = new ExecutionClient(scheduler, GENESIS)
    if (name !== names[0]) execution.latencyMs = executionMs
    const build = (parent: SimulatedBlock) => buildOn(parent, originAfter(view, parent), name)
    const host = new Process(scheduler)
    const parts = {
      name,
      process: host,
      execution,
      l1: view,
      network,
      conductorCall: conductorCall(name),
      dueAt,
      build,
    }
    const connected = () => node.connected
    const consensus = new ConsensusClient({ ...parts, connected, emit: () => {} })
    const node: Node = { name, execution, consensus, host, connected: !alone.includes(name), posts: 0 }
    return node
  })
  const found = (name: string): Node => nodes.find((node) => node.name === name) as Node
  const ports: ChainPorts = {
    ...stores,
    objects,
    log: silentLog,
    chain: { id: CHAIN, name: 'virtual' },
    nodes: names.map((name, i) => ({ name, zone: name, priority: 10 - i, noFailover: false })),
    policy: { ...defaultPolicy(BLOCK_MS), ...policy },
    port: (name) =>
      portOf(
        found(name),
        () => wait(callMs),
        () => scheduler.now(),
      ),
    clock: { now: () => scheduler.now(), monotonic: () => scheduler.now(), sleep: wait },
    suffix: (() => {
      let made = 0
      return () => String(made++).padStart(6, '0')
    })(),
  }
  return {
    ports,
    node: found,
    now: () => scheduler.now(),
    /** Runs for so many ms. */
    run: (ms: number) => scheduler.run(scheduler.now() + ms),
    /** Starts the nodes, and the first one as the leader. */
    async begin() {
      await stores.heads.write(CHAIN, seedHead(GENESIS, 0, EPOCH))
      await stores.leases.write(CHAIN, seedLease('', 0, { kind: 'baton', name: 'baton' }, EPOCH))
      for (const node of nodes) boot(node)
    },
    kill(name: string) {
      found(name).host.kill()
    },
    boot: (name: string) => boot(found(name)),
    /** The end of an execution client alone, or of the whole host, which comes back without its newest blocks. */
    async lose(name: string, blocks: bigint, part: 'execution' | 'host') {
      const { execution, host, consensus } = found(name)
      execution.kill()
      execution.loseBlocks(blocks)
      if (part === 'host') host.kill()
      await scheduler.run(scheduler.now() + 300)
      execution.process.start()
      if (part === 'host') consensus.boot()
    },
    /** A node starts over with an empty execution client, which fetches the chain from its peers and says so. */
    snapSync(name: string, says: () => Readonly<Record<string, unknown>> | false) {
      const node = found(name)
      node.host.kill()
      node.execution.loseBlocks(node.execution.head.number)
      node.execution.syncing = says
      boot(node)
    },
    watch(onTick: (ticked: Ticked) => void = () => {}) {
      const abort = new AbortController()
      void runMonitor(ports, { owner: 'm', signal: abort.signal, onTick })
      return () => abort.abort()
    },
    halt: () => scheduler.halt(),
  }
}

function boot({ execution, consensus }: Node): void {
  execution.process.start()
  consensus.boot()
}

function portOf(node: Node, called: () => Promise<void>, now: () => number): NodePort {
  const { consensus, execution } = node
  const call = async <T>(work: () => T | Promise<T>): Promise<T> => {
    await called()
    if (consensus.process.status === 'dead') throw new Error('connection refused')
    return work()
  }
  return {
    observe: async (asked) => {
      await called()
      return await observeAt(node, asked, now())
    },
    start: (at) =>
      call(async () => {
        try {
          await consensus.sequencer.start(at)
          return { outcome: 'started' }
        } catch (error) {
          const { message } = error as Error
          if (message.includes('does not match')) return { outcome: 'head-mismatch' }
          if (message.includes('already running')) return { outcome: 'already-running' }
          return message.includes('no prestate') ? { outcome: 'no-prestate' } : { outcome: 'refused', message }
        }
      }),
    stop: () => call(() => consensus.sequencer.stop()),
    post: (envelope) =>
      call(() => {
        node.posts++
        consensus.post(JSON.parse(envelope) as Envelope)
      }),
    resetDerivation: () => call(() => consensus.resetDerivation()),
    unsafe: () => call(() => consensus.heads?.unsafe ?? { number: 0n, hash: `0x${'00'.repeat(32)}` as const }),
    payload: ({ hash }) =>
      call(() => {
        const block = execution.byHash(hash)
        return block && JSON.stringify(block.envelope)
      }),
    block: (query) => call(() => ('hash' in query ? execution.byHash(query.hash) : execution.at(query.number)) ?? null),
  }
}

async function observeAt(
  { name, consensus, execution }: Node,
  asked: BlockId | undefined,
  at: number,
): Promise<Observation> {
  const refused: Answer<never> = { ok: false, failure: 'refused', message: 'connection refused' }
  const { heads } = consensus
  if (consensus.process.status === 'dead' || !heads) return { node: name, at, consensus: refused, execution: refused }
  const l1 = { number: 100n, hash: GENESIS.l1Origin.hash, timestamp: BigInt(Math.floor(at / 1_000)) }
  const { number, hash } = execution.head
  const { syncing, mark, blocks } = await getSyncing({ request: async () => execution.syncing() } as never)
  return {
    node: name,
    at,
    consensus: {
      ok: true,
      value: {
        ...heads,
        sequencing: consensus.sequencer.active,
        conductor: true,
        headL1: l1,
        currentL1: l1,
        peers: consensus.peers.length,
      },
    },
    execution: {
      ok: true,
      value: {
        latest: { number, hash },
        ...(asked && { at: { number: asked.number, hash: execution.at(asked.number)?.hash ?? null } }),
        state: { ok: true },
        syncing,
        ...(mark !== undefined && { syncMark: mark }),
        ...(blocks && { syncBlocks: blocks }),
      },
    },
  }
}
