import { binary } from '../programs.ts'
import { SEQUENCER_KEY } from './accounts.ts'
import { commandLine, type Flags } from './flags.ts'
import { absentPeer, p2pKey } from './peer-id.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** What may change from one start of an op-node to the next. */
export type Wiring = {
  /** Who answers `conductor_*`; undefined starts the node without a conductor, stopped. */
  readonly conductorRpc?: string | undefined
  /** False cuts the node off from the other sequencers. */
  readonly p2p?: boolean
  /** Another build than the folder's own. */
  readonly program?: string
  /** Goes to the end of the command line. */
  readonly extra?: readonly string[]
}

/** What a consensus client needs to run. */
export type OpNodeOptions = {
  readonly index: number
  readonly name: string
  readonly logFolder: string
  readonly jwtFile: string
  readonly rollupFile: string
  readonly l1ConfigFile: string
  readonly l1Url: string
  readonly engineUrl: string
  readonly engineKind: 'geth' | 'reth'
  readonly ports: { readonly rpc: number; readonly p2p: number }
  /** The addresses of all sequencers' op-nodes; a node's own does not matter. */
  readonly peers: readonly string[]
}

/** A consensus client: op-node as a sequencer. */
export class OpNode {
  readonly url: string
  readonly process: Supervised
  readonly #options: OpNodeOptions

  constructor(options: OpNodeOptions) {
    this.#options = options
    this.url = `http://127.0.0.1:${options.ports.rpc}`
    this.process = new Supervised(options.name, options.logFolder)
  }

  /** Starts and waits until it serves. */
  async start(wiring: Wiring): Promise<void> {
    this.process.launch(wiring.program ?? binary('op-node'), [
      ...commandLine(this.#flags(wiring)),
      ...(wiring.extra ?? []),
    ])
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'optimism_version', [], 500))
  }

  #flags({ conductorRpc, p2p = true }: Wiring): Flags {
    const { ports, l1Url, l1ConfigFile, rollupFile, engineUrl, engineKind, jwtFile } = this.#options
    return {
      l1: l1Url,
      'l1.trustrpc': true,
      'l1.rpckind': 'standard',
      'l1.beacon.ignore': true,
      'l1.http-poll-interval': '500ms',
      'l1.epoch-poll-interval': '2s',
      l2: engineUrl,
      'l2.enginekind': engineKind,
      'l2.jwt-secret': jwtFile,
      'rollup.config': rollupFile,
      'rollup.l1-chain-config': l1ConfigFile,
      'verifier.l1-confs': 0,
      'sequencer.enabled': true,
      'sequencer.l1-confs': 0,
      // Without a conductor each node would begin to sequence by itself.
      'sequencer.stopped': true,
      'conductor.enabled': conductorRpc !== undefined,
      'conductor.rpc': conductorRpc,
      'conductor.rpc-timeout': '1s',
      'rpc.addr': '127.0.0.1',
      'rpc.port': ports.rpc,
      'rpc.enable-admin': true,
      ...(p2p ? this.#p2pFlags() : { 'p2p.disable': true }),
    }
  }

  #p2pFlags(): Flags {
    const { index, ports, peers } = this.#options
    return {
      'p2p.listen.ip': '127.0.0.1',
      'p2p.listen.tcp': ports.p2p,
      'p2p.priv.raw': p2pKey(index),
      'p2p.static': peers,
      'p2p.no-discovery': true,
      // Without a boot node op-node looks up the public ones, even without discovery.
      'p2p.bootnodes': absentPeer(),
      'p2p.peerstore.path': 'memory',
      'p2p.discovery.path': 'memory',
      'p2p.sequencer.key': SEQUENCER_KEY.slice(2),
      'p2p.scoring': 'none',
      'p2p.ban.peers': false,
    }
  }
}
