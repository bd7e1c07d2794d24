import type { Failing } from '../monitor/run.ts'
import type { Ticked } from '../monitor/tick.ts'
import type { Head } from '../protocol/records.ts'
import { missedSlots } from '../text/slots.ts'
import { catalog, type GaugeName } from './catalog.ts'
import { gaugesOf } from './gauges.ts'
import { findingOf, stateOf } from './health.ts'
import type { Metrics } from './registry.ts'

/** Turns a monitor's turns into metrics. */
export type MonitorMetrics = {
  /** Call on every turn; `tookMs`: how long it took. Only the active monitor counts what happens on the chain. */
  tick(ticked: Ticked, active: boolean, tookMs: number): void
  /** Call on every failed turn. */
  failed(failing: Failing): void
}

/** The gauges of a turn; the others belong to the process. */
const OF_THE_PROCESS: readonly GaugeName[] = [
  'op_conductor_info',
  'op_conductor_up',
  'baton_monitor_active',
  'baton_leader_event_readers',
]
const OF_A_TURN = (Object.keys(catalog) as (keyof typeof catalog)[]).filter(
  (name): name is GaugeName => catalog[name].type === 'gauge' && !OF_THE_PROCESS.includes(name as GaugeName),
)

/**
 * The metrics of a monitor. Gauges are made at a scrape from the last turn, so a turn pays for a few counters only.
 * While turns fail, Baton knows nothing of the chain: its gauges are absent.
 */
export function monitorMetrics(metrics: Metrics, now: () => number = Date.now): MonitorMetrics {
  let latest: Ticked | undefined
  let follow = followChain(metrics)
  const states = new Map<string, string>()
  for (const success of ['true', 'false']) metrics.add('op_conductor_leader_transfers_count', { success }, 0)
  for (const result of ['ok', 'failed']) metrics.add('baton_turns_total', { result }, 0)
  metrics.add('baton_slots_missed_total', {}, 0)
  metrics.beforeScrape(() => {
    metrics.replace(OF_A_TURN, latest ? gaugesOf(latest, now()) : [])
  })

  const countChanges = ({ view, decision }: Ticked) => {
    for (const verdict of decision.verdicts) {
      const { node } = verdict
      const error = findingOf(view, verdict)
      metrics.add('op_conductor_healthchecks_count', { node, success: String(error === ''), error })
      const state = stateOf(view, verdict)
      const joined = Object.values(state).join()
      if (states.get(node) !== undefined && states.get(node) !== joined)
        metrics.add('op_conductor_state_changes_count', { node, ...state })
      states.set(node, joined)
    }
  }
  return {
    tick(ticked, active, tookMs) {
      latest = ticked
      metrics.set('op_conductor_up', {}, 1)
      metrics.set('baton_monitor_active', {}, Number(active))
      metrics.add('baton_turns_total', { result: 'ok' })
      metrics.observe('op_conductor_loop_execution_time', {}, tookMs / 1_000)
      // A monitor that begins to act has not seen what came before.
      if (!active) follow = followChain(metrics)
      else {
        countChanges(ticked)
        follow(ticked)
      }
    },
    failed() {
      latest = undefined
      metrics.add('baton_turns_total', { result: 'failed' })
    },
  }
}

/** The head at the end of a turn (Unix ms), and the term that has yet to commit. */
type Followed = { readonly head: Head; readonly at: number; readonly awaited: number | undefined }

/** Follows the head from turn to turn: gaps, missed slots, moves. */
function followChain(metrics: Metrics): (ticked: Ticked) => void {
  let past: Followed | undefined
  return ({ view: { head, policy, now } }) => {
    if (!head) {
      past = undefined
      return
    }
    if (past && head.number > past.head.number) {
      for (const gapMs of gapsBetween(past, head)) {
        metrics.observe('baton_block_gap_seconds', {}, gapMs / 1_000)
        metrics.add('baton_slots_missed_total', {}, missedSlots(gapMs, policy.blockTimeMs))
      }
    }
    past = { head, at: now, awaited: past && followMove(metrics, past, head) }
  }
}

/** op-conductor counts a transfer that the next leader accepted; Baton one that has committed. */
function followMove(metrics: Metrics, { head: before, awaited }: Followed, head: Head): number | undefined {
  // The first grant of a chain moves nothing.
  const [from, to] = [before.leader, head.leader]
  const moved = head.term !== before.term && from !== '' && to !== '' && from !== to
  if (awaited !== undefined && head.committedTerm < awaited && head.term > awaited)
    metrics.add('op_conductor_leader_transfers_count', { success: 'false' })
  else if (awaited !== undefined && head.committedTerm >= awaited)
    metrics.add('op_conductor_leader_transfers_count', { success: 'true' })
  const open = awaited !== undefined && head.committedTerm < awaited && head.term === awaited ? awaited : undefined
  if (!moved) return open
  if (head.committedTerm < head.term) return head.term
  metrics.add('op_conductor_leader_transfers_count', { success: 'true' })
  return undefined
}

/**
 * The times between commits since the last turn (ms). Of several blocks in one turn the first ended the gap: it was not
 * there at the last turn. The rest share what remains.
 */
function gapsBetween({ head: before, at }: Followed, head: Head): readonly number[] {
  const blocks = Number(head.number - before.number)
  const spanMs = Math.max(0, head.committedAt - before.committedAt)
  const first = Math.max(spanMs / blocks, Math.min(spanMs, at - before.committedAt))
  const rest = blocks > 1 ? (spanMs - first) / (blocks - 1) : 0
  return Array.from({ length: Math.min(blocks, MOST_BLOCKS) }, (_, i) => (i === 0 ? first : rest))
}

/** Blocks counted in one turn: a chain that is placed elsewhere must not cost a turn. */
const MOST_BLOCKS = 1_000
