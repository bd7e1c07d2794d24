import type { Clock } from './clock.ts'
import type { SimulatedBlock } from './payload.ts'

/** A node as its peers see it. */
export type Peer = {
  readonly name: string
  /** Whether packets reach it: it is up, and not cut off from the others. A frozen node is reachable. */
  reachable(): boolean
  /** A gossiped block arrives. */
  receive(block: SimulatedBlock): void
  /** Requests its canonical blocks; never answers while frozen. */
  serve(from: bigint, to: bigint): Promise<readonly SimulatedBlock[]>
}

/** How long a message takes between two nodes (ms). */
const LATENCY_MS = 5

/** The peer-to-peer network between the nodes. */
export class Network {
  readonly #clock: Clock
  readonly #peers: Peer[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(peer: Peer): void {
    this.#peers.push(peer)
  }

  peersOf(self: Peer): readonly Peer[] {
    return self.reachable() ? this.#peers.filter((peer) => peer !== self && peer.reachable()) : []
  }

  /** Sends a block to every peer that is reachable both on sending and on arrival. */
  gossip(self: Peer, block: SimulatedBlock): void {
    for (const peer of this.peersOf(self)) {
      this.#clock.after(LATENCY_MS, () => {
        if (peer.reachable()) peer.receive(block)
      })
    }
  }

  /** Requests a range of blocks from every peer; each answer calls back. */
  request(self: Peer, from: bigint, to: bigint, arrived: (blocks: readonly SimulatedBlock[]) => void): void {
    for (const peer of this.peersOf(self)) {
      this.#clock.after(2 * LATENCY_MS, () => {
        if (self.reachable() && peer.reachable()) peer.serve(from, to).then(arrived, () => {})
      })
    }
  }
}
