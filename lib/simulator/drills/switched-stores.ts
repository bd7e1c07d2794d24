import { StoreUnavailableError } from '../../store/errors.ts'
import type { Stores } from '../../store/stores.ts'

/** The same stores behind a network that can be down. */
export function switchedStores(stores: Stores, gone: () => boolean): Stores {
  const guard = <T extends object>(store: T): T =>
    new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...input: unknown[]) => {
          if (gone()) throw new StoreUnavailableError(String(name), 'drill', new Error('the region is down'))
          return Reflect.apply(method, target, input)
        }
      },
    })
  return {
    heads: guard(stores.heads),
    leases: guard(stores.leases),
    history: guard(stores.history),
    monitorLease: guard(stores.monitorLease),
  }
}
