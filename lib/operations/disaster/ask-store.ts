import type { Clock } from '../../context/ports.ts'
import { retryWhileUnavailable } from '../../context/retry.ts'
import { StoreUnavailableError } from '../../store/errors.ts'

/** One answer that is late is no outage; each try takes as long as the store's own limit. */
const STORE = { tries: 3, pauseMs: 500 } as const

/** What the store said, or why it is taken for gone. */
type StoreAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StoreUnavailableError }

/** Asks the store, a few times. Whatever else goes wrong is thrown: a record that cannot be read is not a missing one. */
export async function askStore<T>(clock: Clock, ask: () => Promise<T>): Promise<StoreAnswer<T>> {
  try {
    return { ok: true, value: await retryWhileUnavailable(clock, STORE, ask) }
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error
    return { ok: false, error }
  }
}
