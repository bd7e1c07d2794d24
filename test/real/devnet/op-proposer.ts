import { binary } from '../programs.ts'
import { PROPOSER } from './accounts.ts'
import { FACTORY } from './dispute-game-factory.ts'
import { commandLine } from './flags.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** What the proposer needs to run. */
export type OpProposerOptions = {
  readonly logFolder: string
  readonly port: number
  readonly l1Url: string
  readonly rollupUrl: string
}

/** op-proposer: every few seconds it proposes the output of the newest safe block to the factory on L1. */
export class OpProposer {
  readonly process: Supervised
  readonly #options: OpProposerOptions

  constructor(options: OpProposerOptions) {
    this.#options = options
    this.process = new Supervised('op-proposer', options.logFolder)
  }

  /** Starts and waits until it serves. */
  async start(): Promise<void> {
    const { port, l1Url, rollupUrl } = this.#options
    const flags = {
      'l1-eth-rpc': l1Url,
      'rollup-rpc': rollupUrl,
      'private-key': PROPOSER.key,
      'game-factory-address': FACTORY,
      'proposal-interval': '3s',
      'poll-interval': '1s',
      // Safe blocks: a finalized one is never stale.
      'allow-non-finalized': true,
      'num-confirmations': 1,
      'txmgr.receipt-query-interval': '500ms',
      'rpc.addr': '127.0.0.1',
      'rpc.port': port,
    }
    this.process.launch(binary('op-proposer'), commandLine(flags))
    await this.process.ready('serves JSON-RPC', () => rpc(`http://127.0.0.1:${port}`, 'rpc_modules', [], 500))
  }
}
