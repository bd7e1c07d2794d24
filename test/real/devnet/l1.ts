import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Address, Hex } from 'viem'
import { commandLine } from './flags.ts'
import { L1_CHAIN_ID } from './genesis.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** How L1 makes blocks. */
export type L1Options = {
  /** Seconds. Not shorter than L2's, or L2's origin falls ever further behind. */
  readonly blockTime: number
  /** Safe is this many blocks behind the head, finalized twice as many. */
  readonly slotsInAnEpoch: number
}

/** A block as L1 shows it. */
export type L1Block = { readonly number: number; readonly hash: Hex; readonly timestamp: number }

/** anvil's own program: what the package's command starts is a wrapper, which a signal does not get past. */
function anvil(): string {
  const fromAnvil = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'))
  const cpu = process.arch === 'x64' ? 'amd64' : process.arch
  return join(fromAnvil.resolve(`@foundry-rs/anvil-${process.platform}-${cpu}/package.json`), '..', 'bin', 'anvil')
}

/** The L1 chain: anvil, whose blocks can be stopped, made and taken back at will. */
export class L1 {
  readonly url: string
  readonly process: Supervised
  readonly #port: number
  readonly #options: L1Options

  constructor(port: number, logFolder: string, options: L1Options) {
    this.#port = port
    this.#options = options
    this.url = `http://127.0.0.1:${port}`
    this.process = new Supervised('l1', logFolder)
  }

  async start(): Promise<void> {
    const { blockTime, slotsInAnEpoch } = this.#options
    const flags = {
      host: '127.0.0.1',
      port: this.#port,
      'chain-id': L1_CHAIN_ID,
      // Later forks add header fields that op-node's types of some versions do not hash.
      hardfork: 'cancun',
      'block-time': blockTime,
      'slots-in-an-epoch': slotsInAnEpoch,
    }
    this.process.launch(anvil(), commandLine(flags))
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'eth_chainId', [], 500), { every: 20 })
  }

  /** The newest block, or the one named. */
  async block(tag: 'latest' | 'safe' | 'finalized' | number = 'latest'): Promise<L1Block> {
    const id = typeof tag === 'number' ? `0x${tag.toString(16)}` : tag
    const { number, hash, timestamp } = await rpc<Record<'number' | 'hash' | 'timestamp', Hex>>(
      this.url,
      'eth_getBlockByNumber',
      [id, false],
    )
    return { number: Number(number), hash, timestamp: Number(timestamp) }
  }

  /** Makes blocks at once, besides those the clock makes. */
  async mine(blocks = 1): Promise<void> {
    for (let i = 0; i < blocks; i++) await rpc(this.url, 'evm_mine')
  }

  /** L1 answers, but its head stands still, until `resume`. */
  async halt(): Promise<void> {
    await rpc(this.url, 'evm_setIntervalMining', [0])
  }

  /** Blocks come by the clock again. */
  async resume(): Promise<void> {
    await rpc(this.url, 'evm_setIntervalMining', [this.#options.blockTime])
  }

  /** Replaces the newest `depth` blocks by empty ones; what was in them is lost. No block comes while it does. */
  async reorg(depth: number): Promise<void> {
    await this.halt()
    await rpc(this.url, 'anvil_reorg', [depth, []])
    await this.resume()
  }

  /** Sets a contract's storage without a transaction; in effect from the next block on. */
  async setStorage(address: Address, slot: Hex, value: Hex): Promise<void> {
    await rpc(this.url, 'anvil_setStorageAt', [address, slot, value])
  }

  /** L1 does not answer any more, until `thaw`. */
  freeze(): void {
    this.process.freeze()
  }

  thaw(): void {
    this.process.thaw()
  }

  /** Its chain is kept in memory and is lost. */
  async stop(): Promise<void> {
    await this.process.kill()
  }
}
