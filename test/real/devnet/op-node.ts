import { binary } from '../build.ts'
import { SEQUENCER_KEY } from './accounts.ts'
import { nobody, p2pKey } from './peer-id.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** What may change from one start of an op-node to the next. */
export type Wiring = {
  /** Who answers `conductor_*`; undefined starts the node without a conductor, stopped. */
  readonly conductorRpc?: string | undefined
  /** False cuts the node off from the other sequencers. */
  readonly p2p?: boolean
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
    this.process.launch(binary('op-node'), this.#flags(wiring))
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'optimism_version', [], 500))
  }

  #flags({ conductorRpc, p2p = true, extra = [] }: Wiring): string[] {
    const { ports, l1Url, l1ConfigFile, rollupFile, engineUrl, jwtFile } = this.#options
    return [
      ...[`--l1=${l1Url}`, '--l1.trustrpc', '--l1.rpckind=standard', '--l1.beacon.ignore'],
      ...['--l1.http-poll-interval=500ms', '--l1.epoch-poll-interval=2s'],
      ...[`--rollup.config=${rollupFile}`, `--rollup.l1-chain-config=${l1ConfigFile}`],
      ...[`--l2=${engineUrl}`, `--l2.jwt-secret=${jwtFile}`],
      // Stopped: without a conductor each node would begin to sequence by itself.
      ...['--sequencer.enabled', '--sequencer.stopped', '--sequencer.l1-confs=0', '--verifier.l1-confs=0'],
      ...['--rpc.addr=127.0.0.1', `--rpc.port=${ports.rpc}`, '--rpc.enable-admin'],
      ...(conductorRpc ? ['--conductor.enabled', `--conductor.rpc=${conductorRpc}`, '--conductor.rpc-timeout=1s'] : []),
      ...(p2p ? this.#p2pFlags() : ['--p2p.disable']),
      ...extra,
    ]
  }

  #p2pFlags(): string[] {
    const { index, ports, peers } = this.#options
    return [
      // Without a boot node op-node looks up the public ones, even without discovery.
      ...['--p2p.no-discovery', `--p2p.bootnodes=${nobody()}`, `--p2p.static=${peers.join(',')}`],
      ...['--p2p.listen.ip=127.0.0.1', `--p2p.listen.tcp=${ports.p2p}`, `--p2p.priv.raw=${p2pKey(index)}`],
      ...['--p2p.peerstore.path=memory', '--p2p.discovery.path=memory'],
      ...[`--p2p.sequencer.key=${SEQUENCER_KEY.slice(2)}`, '--p2p.scoring=none', '--p2p.ban.peers=false'],
    ]
  }
}
