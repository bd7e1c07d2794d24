import type { ChainMetrics } from '../cloudwatch/metrics.ts'
import { countErrors, type MonitorMetrics, monitorMetrics } from '../cloudwatch/monitor-metrics.ts'
import type { ChainPorts } from '../context/ports.ts'
import { paceOf } from '../monitor/pace.ts'
import { type Failing, type RunOptions, runMonitor } from '../monitor/run.ts'
import type { BackfillPorts } from '../operations/backfill/ports.ts'
import { type RecoveryMode, watchDamage } from '../operations/crash-recovery/watch.ts'
import { type Observed, serveMonitors } from './observe-monitor.ts'

/** A chain to watch. */
export type WatchedChain = {
  readonly ports: BackfillPorts
  readonly recovery: RecoveryMode
  /** Gets what the alarms of a deployment watch; absent = no deployment has alarms for this chain. */
  readonly cloudwatch?: ChainMetrics
}

/** How the monitors of a process run. */
export type MonitorsOptions = {
  /** The name of this process in the monitor leases. */
  readonly owner: string
  readonly signal: AbortSignal
  /** Where metrics and probes are answered. */
  readonly address: { readonly host: string; readonly port: number }
}

/**
 * Runs the monitors of several chains in one process until the signal aborts, at the pace of so many chains. Each has its
 * own lease and its own loop: one that fails takes no other with it.
 */
export async function runMonitors(
  chains: readonly WatchedChain[],
  { owner, signal, address }: MonitorsOptions,
): Promise<void> {
  const pace = paceOf(chains.length)
  const watched = chains.map((chain) => reporting(chain, owner))
  const served = await serveMonitors(
    watched.map(({ ports }) => ports),
    address,
  )
  const [first] = chains
  const ids = chains.map(({ ports }) => ports.chain.id).join()
  const { url: metrics } = served
  first?.ports.log.info('monitor runs', { chain: ids, owner, ...(metrics !== undefined && { metrics }) })
  try {
    await Promise.all(
      watched.map((chain, i) => watch(chain, served.each[i] as Observed<BackfillPorts>, { ...pace(i), owner, signal })),
    )
  } finally {
    await served.close()
  }
}

type Reporting = Omit<WatchedChain, 'cloudwatch'> & { readonly reported: MonitorMetrics | undefined }

/** The chain with its turns and errors counted for CloudWatch. */
function reporting({ ports, recovery, cloudwatch }: WatchedChain, owner: string): Reporting {
  const reported = cloudwatch && monitorMetrics(cloudwatch, owner, ports.clock.now)
  return { recovery, reported, ports: reported ? { ...ports, log: countErrors(ports.log, reported) } : ports }
}

/** Watches one chain, with its metrics and the recovery of its nodes. */
async function watch(
  { recovery: mode, reported }: Reporting,
  observed: Observed<BackfillPorts>,
  options: RunOptions,
): Promise<void> {
  const { ports } = observed
  const recovery = watchDamage(ports, mode)
  try {
    await keepRunning(ports, {
      ...options,
      onTick: (ticked, active, tookMs) => {
        observed.onTick(ticked, active, tookMs)
        reported?.tick(ticked, active)
        recovery.onTick(ticked, active)
      },
      onFailed: (failing) => {
        observed.onFailed(failing)
        reported?.failing(failing)
      },
    })
  } finally {
    await recovery.close()
    reported?.flush()
  }
}

/** The first pause before a loop that has ended with an error begins again, and the longest (ms). */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * Runs the monitor of a chain; begins again after an error that no turn may throw, later each time. Until the signal
 * aborts; never rejects.
 */
export async function keepRunning(
  ports: ChainPorts,
  options: RunOptions,
  run: typeof runMonitor = runMonitor,
): Promise<void> {
  const { clock, chain, log } = ports
  let { startOffsetMs = 0 } = options
  let pauseMs = FIRST_PAUSE_MS
  let failing: Failing | undefined
  const onTick: NonNullable<RunOptions['onTick']> = (...turn) => {
    pauseMs = FIRST_PAUSE_MS
    failing = undefined
    options.onTick?.(...turn)
  }
  while (!options.signal.aborted) {
    try {
      return await run(ports, { ...options, startOffsetMs, onTick })
    } catch (error) {
      failing = { since: failing?.since ?? clock.now(), error }
      log.error('the monitor of a chain ended; it begins again', { chain: chain.id, afterMs: pauseMs, error })
      options.onFailed?.(failing)
      await clock.sleep(pauseMs, options.signal)
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)
      startOffsetMs = 0
    }
  }
}
