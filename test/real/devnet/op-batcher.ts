import { binary } from '../programs.ts'
import { BATCHER } from './accounts.ts'
import { commandLine } from './flags.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'
import { pause } from './wait.ts'

/** What the batcher needs to run. */
export type OpBatcherOptions = {
  readonly logFolder: string
  readonly port: number
  readonly l1Url: string
  readonly executionUrls: readonly string[]
  readonly consensusUrls: readonly string[]
}

/** op-batcher: writes the unsafe blocks to L1, from where they come back as safe ones. */
export class OpBatcher {
  readonly url: string
  readonly process: Supervised
  /** Rejects if op-batcher could not be started; see `startOnceSequencing`. */
  started: Promise<void> = Promise.resolve()
  readonly #options: OpBatcherOptions
  #waiting: AbortController | undefined

  constructor(options: OpBatcherOptions) {
    this.#options = options
    this.url = `http://127.0.0.1:${options.port}`
    this.process = new Supervised('op-batcher', options.logFolder)
  }

  /**
   * Starts as soon as a node sequences: while none does, op-batcher refuses to start. Returns at
   * once; the promise of `started` says how it went.
   */
  startOnceSequencing(): void {
    this.#waiting = new AbortController()
    const { signal } = this.#waiting
    this.started = this.#startOnceSequencing(signal)
    // A test that needs the batcher awaits `started`; others must not be ended by its failure.
    this.started.catch(() => undefined)
  }

  async #startOnceSequencing(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const asked = this.#options.consensusUrls.map((url) => rpc<boolean>(url, 'admin_sequencerActive', [], 500))
      const active = (await Promise.allSettled(asked)).some((answer) => answer.status === 'fulfilled' && answer.value)
      if (active && !signal.aborted) return await this.start()
      await pause(250)
    }
  }

  /** Kills it, or gives up waiting for a sequencer. */
  async kill(): Promise<void> {
    this.#waiting?.abort()
    await this.process.kill()
    // It may have been about to start.
    await this.started.catch(() => undefined)
    await this.process.kill()
  }

  /** Starts and waits until it serves. It follows whichever node sequences. */
  async start(): Promise<void> {
    const { port, l1Url, executionUrls, consensusUrls } = this.#options
    const flags = {
      'l1-eth-rpc': l1Url,
      'l2-eth-rpc': executionUrls,
      'rollup-rpc': consensusUrls,
      'private-key': BATCHER.key,
      'data-availability-type': 'calldata',
      'num-confirmations': 1,
      'max-channel-duration': 1,
      'sub-safety-margin': 4,
      'poll-interval': '1s',
      'active-sequencer-check-duration': '2s',
      'txmgr.receipt-query-interval': '500ms',
      // Off: it would limit the sequencer's blocks while L1 stands still.
      'throttle.unsafe-da-bytes-lower-threshold': 0,
      'rpc.addr': '127.0.0.1',
      'rpc.port': port,
      'rpc.enable-admin': true,
    }
    this.process.launch(binary('op-batcher'), commandLine(flags))
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'rpc_modules', [], 500))
  }
}
