import { freshMemory } from '../context/memory.ts'
import type { ChainPorts } from '../context/ports.ts'
import { BatonError } from '../errors.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import type { ProvedWays } from '../protocol/hand-on.ts'
import { type Reason, reason, renderReason } from '../protocol/reason.ts'
import { StoreUnavailableError } from '../store/errors.ts'
import { isOwnedByAnother } from '../store/monitor-lease.ts'
import type { MonitorLease } from '../store/stores.ts'
import { HandOver } from './hand-over.ts'
import { type Ticked, tick } from './tick.ts'

/** How a monitor runs. */
export type RunOptions = {
  /** The name of this process in the monitor lease and in the status. */
  readonly owner: string
  /** ms between two turns when nothing is due sooner. */
  readonly tickMs?: number
  /** ms after which another monitor may take a silent one's lease. */
  readonly ttlMs?: number
  /** While all is well, only every n-th turn observes the nodes. Default 1: each. */
  readonly observeEvery?: number
  /**
   * Makes room for a successor: as a standby, says in the lease that it waits; as the active one, ends once a
   * standby has waited for so many ms, but not in the middle of a move. Default: runs until the signal aborts.
   */
  readonly handOverMs?: number
  /** With `observeEvery`: ms added to the deadline a turn waits for, while all is well. Default 0. */
  readonly jitterMs?: number
  /** ms before the first turn: a process that starts to watch many chains is slow at first. Default 0. */
  readonly startOffsetMs?: number
  readonly signal: AbortSignal
  /** Called after every turn with its view and decision, whether this monitor is the active one, and how long it took. */
  readonly onTick?: (ticked: Ticked, active: boolean, tookMs: number) => void
  /** Called after every failed turn with the run of failures so far. */
  readonly onFailed?: (failing: Failing) => void
}

/** The shortest pause between two turns, whatever a decision asks for. */
const MIN_PAUSE_MS = 20
/** A turn that takes longer than this (ms) loses the monitor lease: whatever it waits for, it waits too long. */
const LONGEST_TURN_MS = 60_000

/**
 * Runs the monitor of one chain until the signal aborts: a turn each `tickMs`, sooner when a block is due. Two monitors
 * at once are safe, because every act is conditional; the monitor lease only keeps the second one a warm standby. A
 * store that does not answer ends only the current turn.
 */
export async function runMonitor(ports: ChainPorts, options: RunOptions): Promise<void> {
  const {
    owner,
    tickMs = 1_000,
    ttlMs = 4_000,
    observeEvery: looksEvery = 1,
    handOverMs,
    jitterMs: laterMs = 0,
    startOffsetMs: afterMs = 0,
    signal,
    onTick,
    onFailed,
  } = options
  const { clock, chain, monitorLease, log } = ports
  const memory = freshMemory()
  const handOver = new HandOver(owner, memory, handOverMs ?? 0)
  let handedOn: ProvedWays | undefined
  let active = false
  let acquiredAt = Number.NEGATIVE_INFINITY
  let heldFrom = Number.NEGATIVE_INFINITY
  let turnSince: number | undefined
  let renewal: Promise<void> = Promise.resolve()
  let clocksLogged = ''
  let failingSince: number | undefined
  let awaitedSince: number | undefined
  let saidAt = Number.NEGATIVE_INFINITY
  if (afterMs > 0) await clock.sleep(afterMs, signal)
  const stopListening = ports.builders?.listen()
  /** Another monitor must not take over, and move sequencing away, while this one waits for a slow node's start. */
  const renewInTurn = async () => {
    const began = clock.now()
    if (!active || turnSince === undefined || Math.abs(began - acquiredAt) < ttlMs / 2) return
    if (clock.monotonic() - turnSince > LONGEST_TURN_MS) return
    const beganAt = clock.monotonic()
    const { owner: holder } = await monitorLease.acquire(chain.id, owner, ttlMs, began)
    if (holder === owner) [acquiredAt, heldFrom] = [began, beganAt]
    else acquiredAt = heldFrom = Number.NEGATIVE_INFINITY
  }
  const ended = new AbortController()
  const running = AbortSignal.any([signal, ended.signal])
  const keepLease = async () => {
    while (!running.aborted) {
      await clock.sleep(ttlMs / 4, running)
      renewal = renewInTurn().catch((error: unknown) => log.warn('monitor lease not renewed', { error }))
      await renewal
    }
  }
  void keepLease()
  /** A process that stood still for longer than its lease leaves the rest of its turn to the other monitor. */
  const holds = () => clock.monotonic() - heldFrom < ttlMs
  while (!signal.aborted) {
    const began = clock.now()
    const beganAt = clock.monotonic()
    let wakeAt = began + tickMs
    try {
      if (!active || Math.abs(began - acquiredAt) >= ttlMs / 2) {
        // A standby monitor reads first: it asks each turn, and a refused write costs five times a read.
        const seen: MonitorLease | undefined = active ? undefined : await monitorLease.read(chain.id)
        const held = seen && isOwnedByAnother(seen, owner, ttlMs, began)
        if (held) handOver.held(beganAt)
        if (held && handOverMs !== undefined && Math.abs(began - saidAt) >= ttlMs) {
          await monitorLease.wait(chain.id, owner, seen.owner, began + 2 * ttlMs)
          saidAt = began
          handOver.waits(beganAt)
        }
        const lease: MonitorLease = held ? seen : await monitorLease.acquire(chain.id, owner, ttlMs, began)
        if (active !== (lease.owner === owner))
          log.info(active ? 'monitor stands by' : 'monitor is active', {
            owner,
            ...(lease.owner !== owner && { active: lease.owner }),
          })
        if (!active && lease.owner === owner && seen) handOver.begin(seen, beganAt)
        active = lease.owner === owner
        if (active) handOver.awaited(lease, beganAt)
        acquiredAt = began
        heldFrom = beganAt
        awaitedSince = active && isAwaited(lease, owner, began) ? (awaitedSince ?? began) : undefined
      }
      turnSince = clock.monotonic()
      const ticked = await tick(ports, memory, active, looksEvery, holds)
      if (!active) handOver.looked(clock.monotonic())
      failingSince = undefined
      onTick?.(ticked, active, clock.monotonic() - beganAt)
      if (ticked.decision.condition !== 'moving' && hasWaited(awaitedSince, handOverMs, began)) {
        // A turn may leave out the nodes when it need not look at each.
        if (looksEvery === 1) handedOn = handOver.end(beganAt, clock.monotonic())
        break
      }
      const clocks = judgeClocks(ticked.view)
      const codes = clocks.map(({ code }) => code).join()
      if (codes !== clocksLogged)
        log.warn(clocks.map(renderReason).join('; ') || 'the clocks agree again', { chain: chain.id })
      clocksLogged = codes
      const { wakeAt: due } = ticked.decision
      if (due !== undefined) wakeAt = Math.min(wakeAt, memory.steady ? due + laterMs : due)
      if (memory.ticks === 1) wakeAt = began
    } catch (error) {
      // The time of an outage does not count against the leader.
      delete memory.head
      failingSince ??= began
      log.error('turn failed; nothing is granted or demoted', { chain: chain.id, since: failingSince, error })
      onFailed?.({ since: failingSince, error })
    } finally {
      turnSince = undefined
    }
    // The clock may have been set back during the turn: no pause is longer than a tick.
    await clock.sleep(Math.min(tickMs, Math.max(MIN_PAUSE_MS, wakeAt - clock.now())), signal)
  }
  stopListening?.()
  ended.abort()
  await renewal
  if (active)
    await monitorLease
      .release(chain.id, owner, handedOn)
      .catch((error: unknown) => log.warn('monitor lease not released', { error }))
}

/** Whether another monitor waits for this one's lease now. */
function isAwaited({ waiting }: MonitorLease, owner: string, now: number): boolean {
  return waiting !== undefined && waiting.owner !== owner && waiting.until >= now
}

/** Whether a standby has waited long enough to be warm: it has seen every node more than once. */
function hasWaited(since: number | undefined, handOverMs = Number.POSITIVE_INFINITY, now: number): boolean {
  return since !== undefined && now - since >= handOverMs
}

/** A monitor whose turns fail: the time of the first failure since the last success (Unix ms), and the latest error. */
export type Failing = { readonly since: number; readonly error: unknown }

/** The reason shown for failed turns: Baton grants nothing and knows nothing until one succeeds. */
export function failingReason({ since, error }: Failing, now: number): Reason {
  const message = error instanceof BatonError ? error.message : 'see the log'
  const ms = Math.max(0, now - since)
  return reason(error instanceof StoreUnavailableError ? 'store-silent' : 'monitor-errors', { ms, message })
}
