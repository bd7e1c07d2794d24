import { BatonError } from '../errors.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import { StoreUnavailableError } from '../store/errors.ts'

/** A monitor whose turns fail: since when none succeeded (Unix ms), and with what the last one failed. */
export type Failing = { readonly since: number; readonly error: unknown }

/** What is told of it: whatever cannot be read or written, nothing is granted, and nothing is known. */
export function whyFailing({ since, error }: Failing, now: number): Reason {
  const message = error instanceof BatonError ? error.message : 'see the log'
  const ms = Math.max(0, now - since)
  return reason(error instanceof StoreUnavailableError ? 'store-silent' : 'monitor-errors', { ms, message })
}
