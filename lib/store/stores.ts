import type { BlockId } from '../protocol/block.ts'
import type { ClockWatch } from '../protocol/clocks.ts'
import type { ProvedWays } from '../protocol/hand-on.ts'
import type { Head, HistoryRecord, Lease, NodeName } from '../protocol/records.ts'
import type { Write, Written } from '../protocol/write.ts'
import { InvalidKeyError } from './errors.ts'

/** The result of a commit: the hot path reads nothing back on success. */
export type Committed = { readonly applied: true } | { readonly applied: false; readonly old: Head | undefined }

/** The Heads table. Every method throws {@link StoreUnavailableError} when the store does not answer. */
export type HeadStore = {
  /** Strongly consistent, without the payload. */
  read(chain: string): Promise<Head | undefined>
  /** Strongly consistent, with the payload bytes when stored inline. */
  readWithPayload(chain: string): Promise<Head | undefined>
  /** One conditional write; returns nothing of the new item. */
  commit(chain: string, write: Write<Head>): Promise<Committed>
  /** One conditional write; returns the whole new item (payload included). */
  write(chain: string, write: Write<Head>): Promise<Written<Head>>
}

/** The Leases table. */
export type LeaseStore = {
  read(chain: string): Promise<Lease | undefined>
  write(chain: string, write: Write<Lease>): Promise<Written<Lease>>
}

/** The History table. */
export type HistoryStore = {
  append(record: HistoryRecord): Promise<void>
  /** Newest first. */
  list(chain: string, options?: { limit?: number; before?: string }): Promise<HistoryRecord[]>
}

/** Which monitor is active: an item of the Leases table. Times in Unix ms. */
export type MonitorLease = {
  readonly owner: string
  readonly until: number
  readonly since: number
  /** A standby that waits for this owner to hand over; it counts until its own `until`. */
  readonly waiting?: { readonly owner: string; readonly until: number }
  /** What its last owner handed on to the one that waited: the ways to the gate which it had proved. */
  readonly proved?: { readonly by: string; readonly ways: ProvedWays }
}

export type MonitorLeaseStore = {
  /** Takes or renews the lease for `owner` until `now + ttlMs`; returns the resulting lease. */
  acquire(name: string, owner: string, ttlMs: number, now: number): Promise<MonitorLease>
  read(name: string): Promise<MonitorLease | undefined>
  /** Notes in the lease of `holder` that `owner` waits for it, until `until`; does nothing if another holds it. */
  wait(name: string, owner: string, holder: string, until: number): Promise<void>
  /** Releases the lease if `owner` holds it; hands `ways` on to the next owner. */
  release(name: string, owner: string, ways?: ProvedWays): Promise<void>
}

/** Who committed an archived block, under which term and when (Unix ms), as its commit was written. */
export type CommitFacts = {
  /** Absent = the head had another leader already when the block was archived. */
  readonly leader?: NodeName
  readonly term: number
  readonly committedAt: number
}

/** A block of the archive's list. */
export type ArchivedCommit = BlockId & CommitFacts

/**
 * `ifAbsent`: leaves an existing object as it is and counts as success. Default: replaces it. `commit`: what a store
 * that lists commits has this one.
 */
export type PutHow = { readonly ifAbsent?: boolean; readonly commit?: CommitFacts | undefined }

/** An object store: S3 or a folder. A put is durable when it returns. */
export type ObjectStore = {
  put(key: string, bytes: Uint8Array, how?: PutHow): Promise<void>
  /** `undefined` = no such object. */
  get(key: string): Promise<Uint8Array | undefined>
  /** The keys under a folder (ends with "/"), a thousand at most. Absent = the store cannot list. */
  list?(folder: string): Promise<string[]>
  /**
   * Gives the object under `of` the further name `key`, unless that exists; `false` = this key can be no second name.
   * Absent = the store has no second names.
   */
  name?(key: string, of: string, commit?: CommitFacts): Promise<boolean>
  /**
   * The archived blocks below a number, the highest first, `limit` at most; those that an earlier version archived are
   * left out. Absent = the store keeps no such list.
   */
  commits?(chain: string, range: { readonly below: bigint; readonly limit: number }): Promise<ArchivedCommit[]>
}

/** Everything Baton stores about its chains, except objects. */
export type Stores = {
  readonly heads: HeadStore
  readonly leases: LeaseStore
  readonly history: HistoryStore
  readonly monitorLease: MonitorLeaseStore
  /** How far the store's clock is ahead of ours, estimated from its responses. */
  readonly serverClock?: () => ClockWatch | undefined
}

/** The definition of a table: input of the local `createTables` and of a CDK construct. */
export type TableDefinition = {
  readonly partitionKey: string
  readonly sortKey?: string
  /** The content of the table's stream. */
  readonly stream?: 'NEW_IMAGE'
  /** The attribute with an item's expiry, in Unix seconds. */
  readonly timeToLive?: string
}

/** The tables of Baton. All keys are strings; billing is on demand. */
export const tables = {
  heads: { partitionKey: 'chain', stream: 'NEW_IMAGE' },
  leases: { partitionKey: 'chain' },
  history: { partitionKey: 'chain', sortKey: 'id', stream: 'NEW_IMAGE', timeToLive: 'expiresAt' },
} as const satisfies Record<string, TableDefinition>

/** A physical name for each table. */
export type TableNames = Readonly<Record<keyof typeof tables, string>>

export const defaultTableNames: TableNames = {
  heads: 'baton-heads',
  leases: 'baton-leases',
  history: 'baton-history',
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}$/

/**
 * Returns a valid key: segments joined by `/` that stay inside any folder.
 *
 * @throws InvalidKeyError
 */
export function checkKey(key: string): string {
  if (!key.split('/').every((segment) => SEGMENT.test(segment))) throw new InvalidKeyError(key)
  return key
}
