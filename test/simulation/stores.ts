import type { Process } from '../../lib/simulator/chain/process.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import type { ObjectStore, Stores } from '../../lib/store/stores.ts'
import { headOperation, leaseOperation } from './operations.ts'
import type { Referee } from './referee.ts'
import type { StoreNetwork } from './store-network.ts'

/** The one true store, and what each client sees of it. */
export type SharedStore = {
  readonly objects: ObjectStore
  /** The stores as one process reaches them: it hears nothing while frozen, and never again once dead. */
  clientOf(actor: string, process: Process): Stores & { readonly objects: ObjectStore }
}

/** The memory stores behind a network that fails, each applied operation shown to the referee. */
export function sharedStore(network: StoreNetwork, referee: Referee): SharedStore {
  const { heads, leases, history, monitorLease } = memoryStores()
  const objects = memoryObjects()

  return {
    objects,
    clientOf(actor, process) {
      const ask = <T>(operation: string, apply: () => Promise<T>): Promise<T> =>
        process.ask(() => network.request(actor, operation, apply))
      const headRead = (read: 'read' | 'readWithPayload') => (chain: string) =>
        ask('read-head', async () => {
          const head = await heads[read](chain)
          referee.headRead(head, read === 'read')
          return head
        })
      return {
        heads: {
          read: headRead('read'),
          readWithPayload: headRead('readWithPayload'),
          commit: (chain, write) =>
            ask('commit', async () => {
              const written = await heads.commit(chain, write)
              referee.headWritten(actor, 'commit', chain, write, written)
              return written
            }),
          write: (chain, write) => {
            const operation = headOperation(write)
            return ask(operation, async () => {
              const written = await heads.write(chain, write)
              referee.headWritten(actor, operation, chain, write, written)
              return written
            })
          },
        },
        leases: {
          read: (chain) =>
            ask('read-lease', async () => {
              const lease = await leases.read(chain)
              referee.leaseRead(lease)
              return lease
            }),
          write: (chain, write) => {
            const operation = leaseOperation(write)
            return ask(operation, async () => {
              const written = await leases.write(chain, write)
              referee.leaseWritten(actor, operation, chain, write, written)
              return written
            })
          },
        },
        history: {
          append: (record) =>
            ask('history', () => {
              referee.recorded(record)
              return history.append(record)
            }),
          list: (chain, options) => ask('history', () => history.list(chain, options)),
        },
        monitorLease: {
          acquire: (name, owner, ttlMs, now) => ask('hold', () => monitorLease.acquire(name, owner, ttlMs, now)),
          read: (name) => ask('hold', () => monitorLease.read(name)),
          wait: (name, owner, holder, until) => ask('hold', () => monitorLease.wait(name, owner, holder, until)),
          release: (name, owner, ways) => ask('hold', () => monitorLease.release(name, owner, ways)),
        },
        objects: {
          put: (key, bytes) => ask('put', () => objects.put(key, bytes)),
          get: (key) => ask('get', () => objects.get(key)),
        },
      }
    },
  }
}
