import type { Moment } from './store-network.ts'

/** How often the network and the store misbehave, as probabilities per message. */
export type Noise = {
  /** Messages lost, delivered twice, 30–500 ms late, 1–20 s late. */
  readonly loss: number
  readonly double: number
  readonly slow: number
  readonly verySlow: number
  /** Requests the store fails before it wrote, after it wrote, applies again later, gets late. */
  readonly storeBefore: number
  readonly storeAfter: number
  readonly storeTwice: number
  readonly storeLate: number
}

export const NO_NOISE: Noise = {
  loss: 0,
  double: 0,
  slow: 0,
  verySlow: 0,
  storeBefore: 0,
  storeAfter: 0,
  storeTwice: 0,
  storeLate: 0,
}

/** What an operator does. */
export type Act =
  | 'pause'
  | 'resume'
  | 'hold'
  | 'switchover'
  | 'force-switchover'
  | 'schedule-switchover'
  | 'cancel-switchover'
  | 'quarantine'
  | 'put-back'
  | 'adopt'

/** How a node lies to the monitor; what it does towards the gate is its own (a node's lie never counts as a commit). */
export type Lie =
  | 'claims-started'
  | 'ignores-start-hash'
  | 'claims-stopped'
  | 'other-hash'
  | 'higher-head'
  | 'lower-head'
  | 'odd-errors'
  | 'far-l1'

/** What stands before a node and answers monitors in its place. */
export type Front = {
  readonly says: 'bad gateway' | 'unavailable' | 'a web page' | 'a redirect'
  readonly of: 'consensus' | 'execution' | 'both'
}

/** What a fault does; `ms` says for how long. */
export type Effect =
  | {
      readonly do: 'kill' | 'freeze' | 'vanish' | 'kill-consensus' | 'kill-execution' | 'freeze-consensus'
      readonly target: string
    }
  | { readonly do: 'cut'; readonly target: string; readonly other: string; readonly oneWay: boolean }
  | { readonly do: 'skew'; readonly target: string; readonly offsetMs: number }
  | { readonly do: 'lose-blocks'; readonly target: string; readonly count: number }
  /** Its execution client alone: op-node keeps what it believes. */
  | { readonly do: 'crash-execution'; readonly target: string; readonly count: number }
  | { readonly do: 'lose-state' | 'slow' | 'go-astray' | 'fork-l1' | 'stop-l1-of'; readonly target: string }
  | { readonly do: 'reorg-l1'; readonly depth: number }
  | { readonly do: 'lie'; readonly target: string; readonly lie: Lie }
  | { readonly do: 'front'; readonly target: string; readonly front: Front }
  | { readonly do: 'store-down' | 'throttle' | 'stop-l1' }
  | { readonly do: 'storm'; readonly noise: Noise }
  /** `inMs`: when what is scheduled is due, from then on. */
  | { readonly do: 'operator'; readonly act: Act; readonly node: string; readonly inMs?: number }

/** A fault at a time, or (`on`) at the n-th stage of an operation after that time; target `*` = who does that operation. */
export type Fault = {
  readonly at: number
  readonly ms: number
  readonly effect: Effect
  readonly on?: { readonly operation: string; readonly moment: Moment; readonly nth: number }
}

/** How a history ends, after everything was healed and the chain had to grow again. */
export type Ending =
  | 'grown'
  | 'monitors-die'
  | 'store-dies'
  | 'gates-die'
  | 'leader-unseen'
  | 'leader-freezes'
  | 'leader-dies'
  | 'leader-barred'
  | 'head-left'
  | 'lease-from-the-future'
  | 'two-bad-nodes'
  | 'liar-asked'
  | 'zombie-alone'
  | 'monitor-from-the-future'
  | 'monitors-stand-still'
  | 'leader-behind-a-proxy'
  | 'dead-behind-a-proxy'
  | 'both-fail'
  | 'two-operators'
  | 'origin-gone'

/** Everything about a history that is not chance on the way. */
export type Plan = {
  readonly seed: number
  readonly nodes: readonly string[]
  readonly monitors: readonly string[]
  readonly gates: readonly string[]
  /** `outside`: a node sequences without Baton at first, and is to be adopted. */
  readonly start: 'fresh' | 'outside'
  /** Monitors ignore the monitor lease: all believe to be active. */
  readonly rivals: boolean
  /** Monitors ask whether the gate answers. */
  readonly asksGate: boolean
  /** Monitors ask the nodes of a chain that is well in each so many turns. */
  readonly looksEvery: number
  readonly noise: Noise
  readonly faults: readonly Fault[]
  /** ms after which everything is healed. */
  readonly healAt: number
  /** Nodes that stay dead afterwards. */
  readonly lost: readonly string[]
  readonly ending: Ending
}

export const OPERATOR = 'operator'
export const ARCHIVER = 'archiver'
export const CHAIN = '901'
