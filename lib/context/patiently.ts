import { patient } from './patient.ts'
import type { ChainPorts } from './ports.ts'

/** An upgrade of minutes is not stopped by one slow answer of the store. */
export const STORE = { tries: 5, pauseMs: 500 } as const

/**
 * Asks the store again when it does not answer. `ask` may read, or write what may be written twice.
 *
 * @throws StoreUnavailableError when it goes on.
 */
export function patiently<T>({ clock }: Pick<ChainPorts, 'clock'>, ask: () => Promise<T>): Promise<T> {
  return patient(clock, STORE, ask)
}
