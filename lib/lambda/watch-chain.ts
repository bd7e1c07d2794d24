import type { ChainMetrics } from '../cloudwatch/metrics.ts'
import { countErrors, monitorMetrics } from '../cloudwatch/monitor-metrics.ts'
import type { ChainPorts } from '../context/ports.ts'
import { type RunOptions, runMonitor } from '../monitor/run.ts'
import { requestRecoveries } from '../operations/crash-recovery/requests.ts'

/** Runs the monitor of one chain until the signal aborts, and counts its turns. */
export async function watchChain(
  ports: ChainPorts,
  counted: ChainMetrics,
  options: Omit<RunOptions, 'onTick' | 'onFailed'>,
): Promise<void> {
  const metrics = monitorMetrics(counted, options.owner)
  const inDoubt = ports.gate && probeInDoubt(ports.gate)
  const damage = requestRecoveries(ports)
  const watched = { ...ports, log: countErrors(ports.log, metrics), ...(inDoubt && { gate: inDoubt.gate }) }
  try {
    await runMonitor(watched, {
      ...options,
      onTick: (ticked, active) => {
        inDoubt?.doubt(ticked.decision.condition !== 'ok')
        metrics.tick(ticked, active)
        damage(ticked, active)
      },
      onFailed: metrics.failing,
    })
  } finally {
    metrics.flush()
  }
}

type Probe = NonNullable<ChainPorts['gate']>

/**
 * Probes only when in doubt: arriving commits prove that the gate works, and a call a second through an API would cost
 * more than the rest of the monitor. The first turn of a run acts on nothing and only finds out whether there is doubt.
 */
export function probeInDoubt(probe: Probe): { readonly gate: Probe; doubt(isDoubtful: boolean): void } {
  let doubtful = true
  let first = true
  return {
    async gate() {
      const needed = doubtful && !first
      first = false
      return needed ? probe() : { ok: true }
    },
    doubt(isDoubtful) {
      doubtful = isDoubtful
    },
  }
}
