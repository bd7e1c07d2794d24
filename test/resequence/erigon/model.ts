import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Version } from './version.ts'

/** A block of the model; counters are what its transactions cost of a batch's limit. */
export type ModelBlock = {
  number: number
  hash: string
  parentHash: string
  timestamp: number
  stateRoot: string
  transactions: string[]
  batch: number
  infoIndex: number
}

/** Blocks and batches: what `chaindata` holds, and what `data-stream.bin` holds. */
export type Chain = { blocks: ModelBlock[]; batches: { number: number; closed: boolean }[] }

/** How the model behaves, beside its flags; a file next to its data folder. */
export type Behaviour = {
  port: number
  /** What a batch may cost; a transaction costs 10. */
  limit: number
  /** L1 info updates: blocks have an index that grows. */
  updates: boolean
  blockMs: number
  version: Version
  /** What the configuration file says of the log: JSON, or less than info. A flag wins over it. */
  json?: 'log.json' | 'log.console.json'
  quiet?: boolean
  /** The RPC's errors about batches that L1 does not have yet, many a second. */
  noise?: boolean
  /** How long it reads L1 before it recovers the first batch, ms. */
  syncMs?: number
  mutation?: string
  /** The first batch that is rebuilt. */
  first?: number
}

export const COST = 10
export const BLOCKS_IN_BATCH = 3

export const sha = (...words: unknown[]) => `0x${createHash('sha256').update(JSON.stringify(words)).digest('hex')}`

/** Links and hashes a block onto the newest one. */
export function seal(
  chain: Chain,
  block: Omit<ModelBlock, 'hash' | 'parentHash' | 'stateRoot' | 'number'>,
): ModelBlock {
  const parent = chain.blocks.at(-1)
  const number = parent ? parent.number + 1 : 0
  const parentHash = parent?.hash ?? sha('genesis')
  const stateRoot = sha(parent?.stateRoot, block.transactions)
  const hash = sha(number, parentHash, block.timestamp, stateRoot, block.transactions, block.infoIndex)
  const sealed = { ...block, number, parentHash, stateRoot, hash }
  chain.blocks.push(sealed)
  return sealed
}

export const read = (path: string): Chain => JSON.parse(readFileSync(path, 'utf8'))

export function write(path: string, chain: Chain): void {
  writeFileSync(`${path}.new`, JSON.stringify(chain))
  renameSync(`${path}.new`, path)
}

/** The files of a data folder, made when they are not there. */
export function filesOf(data: string): { database: string; stream: string } {
  const [database, stream] = [join(data, 'chaindata', 'mdbx.dat'), join(data, 'data-stream.bin')]
  mkdirSync(join(data, 'chaindata'), { recursive: true })
  mkdirSync(join(data, 'data-stream.db'), { recursive: true })
  if (!existsSync(join(data, 'data-stream.db', 'CURRENT')))
    writeFileSync(join(data, 'data-stream.db', 'CURRENT'), 'bookmarks')
  const genesis: Chain = { blocks: [], batches: [{ number: 0, closed: true }] }
  seal(genesis, { timestamp: 1_700_000_000, transactions: [], batch: 0, infoIndex: 0 })
  if (!existsSync(database)) write(database, genesis)
  if (!existsSync(stream)) write(stream, genesis)
  return { database, stream }
}

/** The chain without what is after a batch. */
export function upTo({ blocks, batches }: Chain, batch: number): Chain {
  return { blocks: blocks.filter((one) => one.batch <= batch), batches: batches.filter((one) => one.number <= batch) }
}

export const highest = ({ batches }: Chain) => batches.at(-1)?.number ?? 0
