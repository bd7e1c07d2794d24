import { execFile } from 'node:child_process'
import { appendFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Hex } from 'viem'
import { binary } from '../build.ts'
import { commandLine, type Flags } from './flags.ts'
import { L2_CHAIN_ID } from './genesis.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** How op-geth keeps the chain. */
export type StorageOptions = {
  /** `hash` unless told. */
  readonly scheme?: 'hash' | 'path'
  /** `archive` unless told: every block's state is written. With `full` the newest states are in memory only. */
  readonly gcmode?: 'archive' | 'full'
  /**
   * `pebble` unless told, as op-geth itself. It writes its log in pages of 32 KiB, so that even a
   * killed archive node comes back without its newest blocks, about ten empty ones. `leveldb`
   * writes each block at once: a kill loses nothing.
   */
  readonly engine?: 'pebble' | 'leveldb'
}

/** What an execution client needs to run. */
export type GethOptions = {
  readonly name: string
  readonly logFolder: string
  readonly dataFolder: string
  readonly jwtFile: string
  readonly ports: { readonly http: number; readonly engine: number; readonly p2p: number }
  readonly storage: StorageOptions
}

/** An execution client: op-geth, without peers. */
export class Geth {
  readonly url: string
  readonly engineUrl: string
  readonly process: Supervised
  readonly dataFolder: string
  readonly #options: GethOptions

  constructor(options: GethOptions) {
    this.#options = options
    this.dataFolder = options.dataFolder
    this.url = `http://127.0.0.1:${options.ports.http}`
    this.engineUrl = `http://127.0.0.1:${options.ports.engine}`
    this.process = new Supervised(options.name, options.logFolder)
  }

  /** Writes the genesis block into an empty data folder. */
  async init(genesisFile: string): Promise<void> {
    const args = ['init', ...commandLine(this.#storage()), genesisFile]
    const { stderr } = await promisify(execFile)(binary('geth'), args, { timeout: 20_000 })
    await appendFile(this.process.log, stderr)
  }

  /** Starts and waits until it serves; `extra` goes to the end of the command line. */
  async start(extra: readonly string[] = []): Promise<void> {
    const { jwtFile, ports, storage } = this.#options
    const flags = {
      ...this.#storage(),
      gcmode: storage.gcmode ?? 'archive',
      syncmode: 'full',
      cache: 128,
      networkid: L2_CHAIN_ID,
      nodiscover: true,
      nat: 'none',
      maxpeers: 0,
      port: ports.p2p,
      ipcdisable: true,
      http: true,
      'http.addr': '127.0.0.1',
      'http.port': ports.http,
      'http.api': 'web3,debug,eth,txpool,net,engine,admin,miner',
      'authrpc.addr': '127.0.0.1',
      'authrpc.port': ports.engine,
      'authrpc.vhosts': '*',
      'authrpc.jwtsecret': jwtFile,
      'rollup.disabletxpoolgossip': true,
      'rollup.superchain-upgrades': false,
    }
    this.process.launch(binary('geth'), [...commandLine(flags), ...extra])
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'eth_chainId', [], 500))
  }

  #storage(): Flags {
    const { dataFolder, storage } = this.#options
    const { scheme = 'hash', engine = 'pebble' } = storage
    return { datadir: dataFolder, 'state.scheme': scheme, 'db.engine': engine }
  }

  /** The hash of the block at this height, if there is one. */
  async hashAt(number: number): Promise<Hex | undefined> {
    const block = await rpc<{ hash: Hex } | null>(this.url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    return block?.hash
  }
}
