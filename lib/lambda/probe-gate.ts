import type { ChainPorts } from '../context/ports.ts'

type Probe = NonNullable<ChainPorts['gate']>

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
