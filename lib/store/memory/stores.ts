import type { Head, HistoryRecord, Lease } from '../../protocol/records.ts'
import { applied, type Write, type Written } from '../../protocol/write.ts'
import { acquireMonitorLease, releaseMonitorLease, waitForMonitorLease } from '../monitor-lease.ts'
import {
  checkKey,
  type HeadStore,
  type HistoryStore,
  type LeaseStore,
  type MonitorLease,
  type MonitorLeaseStore,
  type ObjectStore,
  type Stores,
} from '../stores.ts'

/** One table of single items that applies the protocol's conditional writes. Stores `keyField` with each item. */
export function memoryTable<R extends object>(keyField?: keyof R & string) {
  const items = new Map<string, R>()
  return {
    get: (key: string): R | undefined => items.get(key),
    write(key: string, write: Write<R>): Written<R> {
      const old = items.get(key)
      const item = applied(write, old)
      if (!item) return { applied: false, old }
      const named = { ...(keyField && { [keyField]: key }), ...item }
      items.set(key, named)
      return { applied: true, item: named }
    },
  }
}

/** The Heads table in memory. */
export function memoryHeads(): HeadStore {
  const heads = memoryTable<Head>('chain')
  return {
    async read(chain) {
      const head = heads.get(chain)
      if (!head) return undefined
      const { payload: _, ...rest } = head
      return rest
    },
    readWithPayload: async (chain) => heads.get(chain),
    async commit(chain, write) {
      const written = heads.write(chain, write)
      return written.applied ? { applied: true } : written
    },
    write: async (chain, write) => heads.write(chain, write),
  }
}

/** The Leases table in memory. */
function memoryLeases(): LeaseStore {
  const leases = memoryTable<Lease>('chain')
  return { read: async (chain) => leases.get(chain), write: async (chain, write) => leases.write(chain, write) }
}

/** The leases of monitors in memory. */
function memoryMonitorLease(): MonitorLeaseStore {
  const leases = memoryTable<MonitorLease>()
  return {
    acquire: (name, owner, ttlMs, now) =>
      acquireMonitorLease(async (write) => leases.write(name, write), owner, ttlMs, now),
    read: async (name) => leases.get(name),
    async wait(name, owner, holder, until) {
      leases.write(name, waitForMonitorLease(owner, holder, until))
    },
    async release(name, owner, ways) {
      leases.write(name, releaseMonitorLease(owner, ways))
    },
  }
}

/** The History table in memory; nothing expires. */
function memoryHistory(): HistoryStore {
  const chains = new Map<string, Map<string, HistoryRecord>>()
  return {
    async append(record) {
      const records = chains.get(record.chain) ?? new Map()
      chains.set(record.chain, records.set(record.id, record))
    },
    async list(chain, { limit = 100, before } = {}) {
      return [...(chains.get(chain)?.values() ?? [])]
        .filter(({ id }) => before === undefined || id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    },
  }
}

/** All stores of Baton in memory, with the same data conditions as DynamoDB: for simulation and tests. */
export function memoryStores(): Stores {
  return {
    heads: memoryHeads(),
    leases: memoryLeases(),
    history: memoryHistory(),
    monitorLease: memoryMonitorLease(),
  }
}

/** Objects in memory. */
export function memoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>()
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      if (ifAbsent && objects.has(checkKey(key))) return
      objects.set(checkKey(key), new Uint8Array(bytes))
    },
    get: async (key) => objects.get(checkKey(key)),
    list: async (folder) => [...objects.keys()].filter((key) => key.startsWith(folder)).slice(0, 1_000),
  }
}
