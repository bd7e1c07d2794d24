import { Network, type Peer } from '../../lib/simulator/chain/network.ts'
import type { SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
import type { Wires } from './network.ts'

/** The peer-to-peer network over the wires that lose, double and delay. */
export class PeerNetwork extends Network {
  readonly #wires: Wires

  constructor(wires: Wires) {
    super(wires.scheduler)
    this.#wires = wires
  }

  override gossip(self: Peer, block: SimulatedBlock): void {
    for (const peer of this.peersOf(self)) {
      this.#wires.send(self.name, peer.name, () => {
        if (peer.reachable()) peer.receive(block)
      })
    }
  }

  override request(self: Peer, from: bigint, to: bigint, arrived: (blocks: readonly SimulatedBlock[]) => void): void {
    for (const peer of this.peersOf(self)) {
      this.#wires.call(self.name, peer.name, 1_000, () => peer.serve(from, to)).then(arrived, () => {})
    }
  }
}
