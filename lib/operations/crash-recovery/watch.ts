import type { Ticked } from '../../monitor/tick.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { Verdict } from '../../protocol/decision.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import { BATON } from './quarantine.ts'
import { mayRepair, requestRecoveries } from './requests.ts'
import { recover } from './run.ts'

/** `auto`: recover as soon as the damage is certain. `ask`: page a person with the command. */
export type RecoveryMode = 'auto' | 'ask'

/** Watches a monitor's turns for damage. */
export type RecoveryWatch = {
  /** Called after every turn; returns at once. */
  readonly onTick: (ticked: Ticked, active: boolean) => void
  /** Closes it; a running recovery stops at its next step, and the next monitor resumes it. */
  readonly close: () => Promise<void>
}

/** A failed recovery of a node is not repeated sooner than this, unless the node was well in between. */
const AGAIN_MS = 10 * 60_000
/** A recovery that was refused, or found nothing to do, may be right soon: the symptom has passed, or proves real. */
const SOON_MS = 30_000
const HOUR_MS = 3_600_000
/** A node damaged more often than this has a fault that no recovery cures: page a person. */
const MOST_AN_HOUR = 20

/**
 * Starts a recovery for each node that the active monitor finds damaged, one at a time, beside the monitor's own work.
 * Leaves alone nodes that a person quarantined, and all nodes while the chain is paused.
 */
export function watchDamage(ports: BackfillPorts, mode: RecoveryMode): RecoveryWatch {
  const { clock, log } = ports
  const ended = new AbortController()
  /** Until when a node is left alone (Unix ms). */
  const restUntil = new Map<NodeName, number>()
  const begun = new Map<NodeName, readonly number[]>()
  const request = requestRecoveries(ports)
  let running: Promise<void> | undefined

  const restFor = (node: NodeName, ms: number) => restUntil.set(node, clock.now() + ms)

  async function run(node: NodeName): Promise<void> {
    begun.set(node, [...recently(begun.get(node)), clock.now()])
    try {
      const { outcome, ms } = await recover(ports, node, {
        actor: BATON,
        signal: ended.signal,
        progress: throttled(clock.now, (progress) => log.info('crash recovery', { node, progress })),
      })
      if (outcome === 'nothing-to-do') restFor(node, SOON_MS)
      log.info('crash recovery ended', { node, outcome, ms })
    } catch (error) {
      // A refused recovery may be right in a moment: another node returns, or the leader is replaced.
      restFor(node, error instanceof RefusedActError ? SOON_MS : AGAIN_MS)
      log.error('crash recovery failed', { node, error })
    } finally {
      running = undefined
    }
  }

  const recently = (times: readonly number[] = []) => times.filter((at) => clock.now() - at < HOUR_MS)
  const lastOf = (times: readonly number[] = []) => times.at(-1) ?? 0

  return {
    onTick(ticked, active) {
      if (ended.signal.aborted) return
      if (mode === 'ask') return request(ticked, active)
      if (!active || running) return
      const { verdicts } = ticked.decision
      const { quarantine = {} } = ticked.view.lease ?? {}
      for (const { node, damage } of verdicts) if (!damage && !quarantine[node]) restUntil.delete(node)
      const wanted = verdicts.filter((verdict) => isWanted(verdict, ticked, restUntil, clock.now()))
      // The node recovered most recently comes last: one that fails repeatedly must not block the others.
      const [next] = wanted
        .filter(({ node }) => recently(begun.get(node)).length < MOST_AN_HOUR)
        .toSorted((a, b) => lastOf(begun.get(a.node)) - lastOf(begun.get(b.node)))
      if (next) running = run(next.node)
      else if (wanted.length > 0) request({ ...ticked, decision: { ...ticked.decision, verdicts: wanted } }, active)
    },
    async close() {
      ended.abort()
      await running
    },
  }
}

/** Whether to begin a recovery of this node now, or to resume one that Baton's own crash cut short. */
function isWanted(
  verdict: Verdict,
  { view: { lease } }: Ticked,
  restUntil: ReadonlyMap<NodeName, number>,
  now: number,
): boolean {
  const { node } = verdict
  if (!lease || lease.mode === 'paused') return false
  if (now < (restUntil.get(node) ?? Number.NEGATIVE_INFINITY)) return false
  return mayRepair(verdict, lease, now)
}

/** Passes on at most one call in two seconds: a log line per block is noise. */
function throttled<T>(now: () => number, pass: (value: T) => void): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY
  return (value) => {
    if (now() - last < 2_000) return
    last = now()
    pass(value)
  }
}
