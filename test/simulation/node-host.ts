import type { Hash } from '../../lib/protocol/block.ts'
import type { ConductorCall } from '../../lib/simulator/chain/conductor.ts'
import { ConsensusClient } from '../../lib/simulator/chain/consensus.ts'
import type { Emit } from '../../lib/simulator/chain/events.ts'
import { ExecutionClient } from '../../lib/simulator/chain/execution.ts'
import { L1View } from '../../lib/simulator/chain/l1.ts'
import type { Network } from '../../lib/simulator/chain/network.ts'
import type { SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
import { buildOn, dueAt, GENESIS, type HistoryL1, originAfter } from './blocks.ts'
import { HostClock } from './clocks.ts'
import { newProcess } from './host-process.ts'
import type { Front, Lie } from './plan.ts'
import type { Referee } from './referee.ts'
import type { Scheduler } from './scheduler.ts'
import type { OnMoment } from './store-network.ts'

export type NodeHostParts = {
  readonly name: string
  readonly scheduler: Scheduler
  readonly l1: HistoryL1
  readonly network: Network
  readonly conductorCall: ConductorCall
  readonly referee: Referee
  readonly onAwait: OnMoment | undefined
}

/** One sequencer: the state machines of op-node and its execution client, on one host. */
export class NodeHost {
  readonly name: string
  readonly clock: HostClock
  /** L1 as this node's endpoint shows it. */
  readonly l1: L1View
  readonly execution: ExecutionClient
  readonly consensus: ConsensusClient
  /** Runs without a conductor, as before Baton came. */
  outside = false
  lie: Lie | undefined
  /** Answers monitors and operators in the node's place; its gossip and its commits go other ways. */
  front: Front | undefined

  constructor({ name, scheduler, l1, network, conductorCall, referee, onAwait }: NodeHostParts) {
    this.name = name
    this.clock = new HostClock(scheduler)
    this.l1 = new L1View(l1)
    this.execution = new ExecutionClient(this.clock, GENESIS)
    const built = new Map<Hash, number>()
    const mark = (parent: Hash) => {
      const times = (built.get(parent) ?? 0) + 1
      built.set(parent, times)
      return `${name} ${times}`
    }
    const { journal } = referee
    const emit: Emit = (event, facts) => {
      const { block } = facts
      if ('source' in facts) journal.reach(`block by ${facts.source}`)
      journal.note(name, () => `${event} ${block.number} ${block.hash.slice(0, 8)}`)
      const { overridden } = this.consensus.conductor
      if (event === 'committed' && !overridden) referee.acknowledged(name, block)
      if (event === 'committed' && overridden && !this.outside) referee.published.publishedWithout(name, block)
      if (event === 'gossip' || event === 'insert') referee.published.shown(name, event, block)
      if (event === 'started') journal.reach('sequencer started')
    }
    this.consensus = new ConsensusClient({
      name,
      process: newProcess(this.clock, name, onAwait),
      execution: this.execution,
      l1: this.l1,
      network,
      conductorCall,
      connected: () => true,
      dueAt,
      build: (parent) => {
        // op-node sees it when it looks for the next origin, and looks where its chain stands.
        if (l1.takenFrom !== undefined && !this.hasOrigin(parent)) throw new Error('the L1 origin is gone')
        return buildOn(parent, originAfter(this.l1, parent), mark(parent.hash))
      },
      emit,
    })
  }

  /** Whether L1 still has the block this one derives from. */
  hasOrigin({ l1Origin }: Pick<SimulatedBlock, 'l1Origin'>): boolean {
    return this.l1.block(l1Origin.number).hash === l1Origin.hash
  }

  /** Starts what is dead; the sequencer is stopped afterwards, and the conductor on again. */
  start(): void {
    this.execution.process.start()
    if (this.consensus.process.status !== 'dead') return
    this.outside = false
    this.consensus.boot()
  }

  /** Sequences by itself from genesis on, without asking anybody. */
  sequenceOutside(): void {
    this.outside = true
    this.consensus.conductor.overridden = true
    this.consensus.process.after(400, () => void this.consensus.sequencer.start(GENESIS.hash).catch(() => {}))
  }

  kill(part: 'consensus' | 'execution' | 'host' = 'host'): void {
    if (part !== 'execution') this.consensus.process.kill()
    if (part !== 'consensus') this.execution.process.kill()
  }

  freeze(part: 'consensus' | 'host' = 'host'): void {
    this.consensus.process.freeze()
    if (part === 'host') this.execution.process.freeze()
  }

  thaw(): void {
    this.execution.process.thaw()
    this.consensus.process.thaw()
  }
}
