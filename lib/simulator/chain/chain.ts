import { EventEmitter } from 'node:events'
import { keccak256, stringToHex } from 'viem'
import { hashPayload as hashOf } from '../../chain/header.ts'
import type { NodeName } from '../../protocol/records.ts'
import { type Batcher, followL1, newBatcher } from './batcher.ts'
import { type Clock, realClock } from './clock.ts'
import type { Emit, SimulatedEvents } from './events.ts'
import { L1View, SimulatedL1 } from './l1.ts'
import { Network } from './network.ts'
import { SimulatedNode } from './node.ts'
import { buildBlock, genesisBlock, type SimulatedBlock } from './payload.ts'
import { userTransaction } from './transactions.ts'

export type SimulatedChainOptions = {
  /** The target of a node's `--conductor.rpc`; read at each call, so the gate may come up later. */
  readonly conductorUrl: (node: NodeName) => string
  /** Default `node0`, `node1`, `node2`. */
  readonly nodes?: readonly NodeName[]
  /** Default 2000. Below 1000 several blocks share a timestamp, which counts whole seconds. */
  readonly blockTimeMs?: number
  /** Default six L2 blocks. */
  readonly l1BlockTimeMs?: number
  /** Unix seconds; default now. Blocks due since then are produced without waiting. */
  readonly genesisTime?: number
  /** Default 901. */
  readonly chainId?: number
  /** Users' transactions in each block. Default 3. */
  readonly transactionsPerBlock?: number
  /** Fixed ports, by node; default any free ones. */
  readonly ports?: (node: NodeName) => { readonly consensus: number; readonly execution: number }
  readonly clock?: Clock
  /** How much younger than its L1 origin a block may be (op-node's max sequencer drift); default without limit. */
  readonly maxDriftMs?: number
  /** Sequencing window in L1 blocks; default so long that it never ends. */
  readonly window?: bigint
  /** Nodes whose consensus client is a kona-node. */
  readonly kona?: readonly NodeName[]
}

/** A running simulated chain. */
export type SimulatedChain = {
  readonly chainId: number
  readonly blockTimeMs: number
  readonly genesis: SimulatedBlock
  readonly l1: SimulatedL1
  /** Posts batches to L1. */
  readonly batcher: Batcher
  /** How many of the users' transactions get into a block. */
  readonly users: { perBlock: number }
  readonly nodes: readonly SimulatedNode[]
  node(name: NodeName): SimulatedNode
  readonly events: EventEmitter<SimulatedEvents>
  /** Each node's canonical chain, oldest first, whatever state its processes are in. */
  canonical(): ReadonlyMap<NodeName, readonly SimulatedBlock[]>
  stop(): Promise<void>
}

/**
 * Starts an OP chain without contracts, an EVM or real clients: N sequencers that behave as op-node and its execution
 * client do towards a conductor, an operator and each other, each over two real JSON-RPC servers on loopback; an L1;
 * and a batcher. All sequencers are stopped at first. Blocks hash as Ethereum's do; without an EVM their state and
 * receipt roots are made up.
 *
 * @example
 * const chain = await startSimulatedChain({ conductorUrl: (node) =>
 * `http://${node}:secret@127.0.0.1:8547/v1/chains/901/nodes/${node}` })
 * await chain.node('node0').kill('consensus')
 * await chain.stop()
 */
export async function startSimulatedChain(options: SimulatedChainOptions): Promise<SimulatedChain> {
  const { clock = realClock, chainId = 901, blockTimeMs = 2_000, transactionsPerBlock = 3 } = options
  const { nodes: names = ['node0', 'node1', 'node2'], l1BlockTimeMs = 6 * blockTimeMs } = options
  const genesisTime = options.genesisTime ?? Math.floor(clock.now() / 1000)
  const dueAt = (number: bigint) => genesisTime * 1000 + Number(number) * blockTimeMs
  const l1 = new SimulatedL1(genesisTime * 1000, l1BlockTimeMs, () => clock.now())
  const genesis = genesisBlock(BigInt(genesisTime), l1.genesis, hashOf)
  const events = new EventEmitter<SimulatedEvents>()
  const network = new Network(clock)
  const batcher = newBatcher()
  const users = { perBlock: transactionsPerBlock }

  const nodes = names.map((name) => {
    const view = new L1View(l1)
    const emit: Emit = (event, facts) => {
      // The emitter's types cannot follow a name that is only a type parameter.
      ;(events as EventEmitter).emit(event, { at: clock.now(), node: name, ...facts })
    }
    const build = (parent: SimulatedBlock) => {
      const number = parent.number + 1n
      const seed = keccak256(stringToHex(`${name} ${parent.hash}`))
      return buildBlock({
        parent,
        timestamp: BigInt(Math.floor(dueAt(number) / 1000)),
        origin: nextOrigin(view, parent, dueAt(number), options.maxDriftMs ?? Number.POSITIVE_INFINITY),
        transactions: Array.from({ length: users.perBlock }, (_, nonce) => userTransaction(seed, nonce, chainId)),
        hashOf,
      })
    }
    return new SimulatedNode({
      name,
      clock,
      l1: view,
      network,
      dueAt,
      build,
      hashOf,
      emit,
      kona: options.kona?.includes(name) ?? false,
      rollup: { chainId, blockTimeMs, genesis, maxDriftMs: options.maxDriftMs, window: options.window },
      conductorUrl: () => options.conductorUrl(name),
      ports: options.ports?.(name) ?? { consensus: 0, execution: 0 },
      onFault: (fault) => events.emit('fault', { at: clock.now(), node: name, fault }),
    })
  })
  await Promise.all(nodes.map((node) => node.start()))
  const stopL1 = followL1({ clock, l1, nodes, batcher, genesis, dueAt, window: options.window, hashOf }, events)

  return {
    chainId,
    blockTimeMs,
    genesis,
    l1,
    batcher,
    users,
    nodes,
    events,
    node(name) {
      const found = nodes.find((node) => node.name === name)
      if (found === undefined) throw new Error(`no node ${name}`)
      return found
    },
    canonical: () => new Map(nodes.map((node) => [node.name, node.execution.canonical()])),
    async stop() {
      stopL1()
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

/** The parent's L1 block, or the next one once it is a block deep and not younger than the new block. */
function nextOrigin(l1: L1View, parent: SimulatedBlock, dueAt: number, maxDriftMs: number) {
  const next = parent.l1Origin.number + 1n
  const ready = next < l1.head.number && l1.timeMs(next) <= dueAt
  const origin = ready ? next : parent.l1Origin.number
  if (dueAt - l1.timeMs(origin) > maxDriftMs) throw new Error('sequencer drift exceeded, and L1 has no next origin')
  return l1.block(origin)
}
