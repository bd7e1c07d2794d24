import { execFile } from 'node:child_process'
import { appendFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Hex } from 'viem'
import { type ExecutionKind, execution, executionFlags } from '../programs.ts'
import { opGeth } from './op-geth.ts'
import { opReth } from './op-reth.ts'
import { p2pKey } from './peer-id.ts'
import { Supervised } from './process.ts'
import { rpc } from './rpc.ts'

/** How an execution client keeps the chain: in op-geth's words, since that is what is built here. */
export type StorageOptions = {
  /** `hash` by default. */
  readonly scheme?: 'hash' | 'path'
  /** `archive` by default: every block's state is written. With `full` the newest states are in memory only. */
  readonly gcmode?: 'archive' | 'full'
  /**
   * `pebble` by default, as op-geth itself. It writes its log in pages of 32 KiB, so that even a
   * killed archive node comes back without its newest blocks, about ten empty ones. `leveldb`
   * writes each block at once: a kill loses nothing.
   */
  readonly engine?: 'pebble' | 'leveldb'
  /** op-reth's `--engine.persistence-threshold`; op-geth has none. */
  readonly persistenceThreshold?: number
}

/** What an execution client needs to run. */
export type ExecutionOptions = {
  readonly name: string
  readonly index: number
  readonly logFolder: string
  readonly dataFolder: string
  readonly genesisFile: string
  readonly jwtFile: string
  readonly nodeKeyFile: string
  readonly ports: { readonly http: number; readonly engine: number; readonly p2p: number }
  /** The other execution clients it is joined to (`enode://…`). */
  readonly peers: readonly string[]
  readonly storage: StorageOptions
}

/** The command lines of one kind of execution client, without the program itself. */
export type ExecutionCommands = {
  /** Writes the genesis block into an empty data folder. */
  readonly init: (options: ExecutionOptions) => string[]
  readonly start: (options: ExecutionOptions) => string[]
}

const COMMANDS: Readonly<Record<ExecutionKind, ExecutionCommands>> = { 'op-geth': opGeth, 'op-reth': opReth }

/** An execution client: op-geth, or what the environment names instead. */
export class Execution {
  readonly kind: ExecutionKind
  readonly url: string
  readonly engineUrl: string
  readonly process: Supervised
  readonly dataFolder: string
  readonly #options: ExecutionOptions
  readonly #path: string

  constructor(options: ExecutionOptions) {
    const { kind, path } = execution()
    this.kind = kind
    this.#path = path
    this.#options = options
    this.dataFolder = options.dataFolder
    this.url = `http://127.0.0.1:${options.ports.http}`
    this.engineUrl = `http://127.0.0.1:${options.ports.engine}`
    this.process = new Supervised(options.name, options.logFolder)
  }

  /** Writes the genesis block into an empty data folder. */
  async init(): Promise<void> {
    const args = COMMANDS[this.kind].init(this.#options)
    const { stdout, stderr } = await promisify(execFile)(this.#path, args, { timeout: 60_000 })
    await appendFile(this.process.log, stdout + stderr)
  }

  /** Starts and waits until it serves; `extra` goes to the end of the command line. */
  async start(extra: readonly string[] = []): Promise<void> {
    const { nodeKeyFile, index, peers } = this.#options
    await writeFile(nodeKeyFile, p2pKey(index))
    const own = COMMANDS[this.kind].start(this.#options)
    this.process.launch(this.#path, overridden(own, [...executionFlags(), ...extra]))
    await this.process.ready('serves JSON-RPC', () => rpc(this.url, 'eth_chainId', [], 500))
    // op-geth takes them on no command line.
    await Promise.all(peers.map((peer) => rpc(this.url, 'admin_addPeer', [peer])))
  }

  /** The hash of the block at this height, if there is one. */
  async hashAt(number: number): Promise<Hex | undefined> {
    const block = await rpc<{ hash: Hex } | null>(this.url, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
    return block?.hash
  }
}

/** A command line with more at its end: an option that comes again is named once, as the last says. */
export function overridden(own: readonly string[], extra: readonly string[]): string[] {
  const name = (word: string) => word.replace(/=.*$/s, '')
  const named = new Set(extra.filter((word) => word.startsWith('--')).map(name))
  return [...own.filter((word) => !named.has(name(word))), ...extra]
}
