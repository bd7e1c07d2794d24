import type { ChainPorts } from '../monitor/ports.ts'

type Probe = NonNullable<ChainPorts['gate']>

/** Asks a gate behind an API whether it answers at all; `url` includes the stage. */
export function probeGate(url: string, timeoutMs = 500): Probe {
  return async () => {
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/healthz`, { signal: AbortSignal.timeout(timeoutMs) })
      await response.body?.cancel()
      return response.ok ? { ok: true } : { ok: false, message: `HTTP ${response.status}` }
    } catch (error) {
      const { cause, message } = error as Error
      return { ok: false, message: cause instanceof Error ? cause.message : message }
    }
  }
}

/**
 * Asks only while there is doubt: commits that arrive prove that the gate works, and a call a second
 * through an API would cost more than everything else the monitor does.
 */
export function probeInDoubt(probe: Probe): { readonly gate: Probe; doubt(isDoubtful: boolean): void } {
  let doubtful = true
  return {
    gate: async () => (doubtful ? probe() : { ok: true }),
    doubt(isDoubtful) {
      doubtful = isDoubtful
    },
  }
}
