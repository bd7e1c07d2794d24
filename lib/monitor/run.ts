import { freshMemory } from '../context/memory.ts'
import type { ChainPorts } from '../context/ports.ts'
import { BatonError } from '../errors.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import { type Reason, reason, renderReason } from '../protocol/reason.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import { isOwnedByAnother } from '../store/monitor-lease.ts'
import type { MonitorLease } from '../store/stores.ts'
import { type Ticked, tick } from './tick.ts'

/** How a monitor runs. */
export type RunOptions = {
  /** Who this process is, in the monitor lease and in the status. */
  readonly owner: string
  /** ms between two turns when nothing is due sooner. */
  readonly tickMs?: number
  /** ms after which a silent monitor's lease may be taken. */
  readonly ttlMs?: number
  /** While all is well, nodes are asked in every n-th turn only. Default 1: in each. */
  readonly observeEvery?: number
  /** With `looksEvery`: ms by which a turn is later than the deadline it waits for, while all is well. Default 0. */
  readonly jitterMs?: number
  /** ms before the first turn: a process that begins to watch many chains is slow at first. Default 0. */
  readonly startOffsetMs?: number
  readonly signal: AbortSignal
  /** Told after every turn: what was seen and decided, and whether this monitor is the active one. */
  readonly onTick?: (ticked: Ticked, active: boolean) => void
  /** Told after every turn that failed, of the whole series. */
  readonly onFailed?: (failing: Failing) => void
}

/** The shortest pause between two turns, whatever a decision asks for. */
const MIN_PAUSE_MS = 20

/**
 * Runs the monitor of one chain until the signal aborts: a turn each `tickMs`, sooner when a block
 * is due. Two monitors at once are safe (every act is conditional); the monitor lease only keeps
 * the second one a warm standby. A store that does not answer ends no turn but the current one.
 */
export async function runMonitor(ports: ChainPorts, options: RunOptions): Promise<void> {
  const {
    owner,
    tickMs = 1_000,
    ttlMs = 4_000,
    observeEvery: looksEvery,
    jitterMs: laterMs = 0,
    startOffsetMs: afterMs = 0,
    signal,
    onTick,
    onFailed,
  } = options
  const { clock, chain, monitorLease, log } = ports
  const memory = freshMemory()
  let active = false
  let acquiredAt = Number.NEGATIVE_INFINITY
  let clocksLogged = ''
  let failingSince: number | undefined
  if (afterMs > 0) await clock.sleep(afterMs, signal)
  while (!signal.aborted) {
    const began = clock.now()
    let wakeAt = began + tickMs
    try {
      if (!active || Math.abs(began - acquiredAt) >= ttlMs / 2) {
        // Who stands by reads first: it asks each turn, and a refused write costs five times a read.
        const seen: MonitorLease | undefined = active ? undefined : await monitorLease.read(chain.id)
        const lease: MonitorLease =
          seen && isOwnedByAnother(seen, owner, ttlMs, began)
            ? seen
            : await monitorLease.acquire(chain.id, owner, ttlMs, began)
        if (active !== (lease.owner === owner))
          log.info(active ? 'monitor stands by' : 'monitor is active', { owner, lease })
        active = lease.owner === owner
        acquiredAt = began
      }
      const ticked = await tick(ports, memory, active, looksEvery)
      failingSince = undefined
      onTick?.(ticked, active)
      const clocks = judgeClocks(ticked.view)
      const codes = clocks.map(({ code }) => code).join()
      if (codes !== clocksLogged)
        log.warn(clocks.map(renderReason).join('; ') || 'the clocks agree again', { chain: chain.id })
      clocksLogged = codes
      const { wakeAt: due } = ticked.decision
      if (due !== undefined) wakeAt = Math.min(wakeAt, memory.steady ? due + laterMs : due)
      if (memory.ticks === 1) wakeAt = began
    } catch (error) {
      // Time in which nothing could be read is not held against the leader.
      delete memory.head
      failingSince ??= began
      log.error('turn failed; nothing is granted or demoted', { chain: chain.id, since: failingSince, error })
      onFailed?.({ since: failingSince, error })
    }
    // The clock may have been set back during the turn: no pause is longer than a tick.
    await clock.sleep(Math.min(tickMs, Math.max(MIN_PAUSE_MS, wakeAt - clock.now())), signal)
  }
  if (active)
    await monitorLease
      .release(chain.id, owner)
      .catch((error: unknown) => log.warn('monitor lease not released', { error }))
}

/** A monitor whose turns fail: since when none succeeded (Unix ms), and with what the last one failed. */
export type Failing = { readonly since: number; readonly error: unknown }

/** What is told of it: whatever cannot be read or written, nothing is granted, and nothing is known. */
export function failingReason({ since, error }: Failing, now: number): Reason {
  const message = error instanceof BatonError ? error.message : 'see the log'
  const ms = Math.max(0, now - since)
  return reason(error instanceof StoreUnavailableError ? 'store-silent' : 'monitor-errors', { ms, message })
}
