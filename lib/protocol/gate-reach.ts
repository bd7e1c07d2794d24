import type { ObservedNode, View } from './decision.ts'
import type { Identity } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/** The result of a standby's try of its way to the gate. */
export type GateReach = {
  readonly reach: 'proved' | 'unreachable' | 'misled' | 'misnamed' | 'no-sequencer' | 'ignores-hash' | 'unknown'
  readonly message?: string
  /** When it was found (ms, monotonic), and how often in a row. */
  readonly at: number
  readonly times: number
  /** What the node had reported of itself then, and its last failed start: another value leads to a new try. */
  readonly of?: Identity['consensus'] | undefined
  readonly after?: ObservedNode['failedStart']
  /** Since when its consensus client had answered without a break (Unix ms): after a break it is tried again. */
  readonly up?: number
  /** How many tries in a row had no other cause than a new connection. */
  readonly reconnects?: number
}

/** A restarting gate is away for a moment. */
const CERTAIN_TIMES = 2

const CODES = {
  unreachable: 'gate-unreachable',
  misled: 'gate-misled',
  misnamed: 'gate-misnamed',
  'no-sequencer': 'no-sequencer',
  'ignores-hash': 'ignores-hash',
} as const

/** What is proved against a standby's way to the gate. A standby that never tried has nothing against it. */
export function reachReasons(node: NodeName, { gate }: ObservedNode): Reason[] {
  if (!gate || gate.reach === 'proved' || gate.reach === 'unknown') return []
  if (gate.times < CERTAIN_TIMES && gate.reach !== 'ignores-hash') return []
  const { reach, message } = gate
  return [reason(CODES[reach], message === undefined ? {} : { message }, node)]
}

/** The monitor's page about a node's way to the gate, for callers that only observe and have not tried it. */
export function reachFrom(paged: readonly Reason[], node: NodeName): GateReach | undefined {
  for (const { code, node: of, evidence } of paged) {
    const reach = (Object.keys(CODES) as (keyof typeof CODES)[]).find((each) => CODES[each] === code)
    if (of !== node || !reach) continue
    const { message } = evidence
    return { reach, at: 0, times: CERTAIN_TIMES, ...(typeof message === 'string' && { message }) }
  }
  return undefined
}

/** A node that asks no conductor at all: its blocks would never be committed. */
export function unwired(node: NodeName, { observation: { consensus } }: ObservedNode): Reason[] {
  return consensus.ok && consensus.value.conductor === false ? [reason('no-conductor', {}, node)] : []
}

/** Retry a proved way after this long (ms), and a failed one sooner: it may be under repair. */
export const PROVED_MS = 180_000
const FAILED_MS = 10_000
/** A first new connection leads to a try after this long (ms). */
const RECONNECTED_MS = 5_000
const SECOND_MS = 2_000

/** No try begins this long before a scheduled switchover (ms): it may be under way when its target is granted. */
const NEAR_MS = 10_000

/**
 * Standbys whose way to the gate is due for a try: idle ones that no monitor may be about to grant. Not during a pause:
 * the try is harmless, but the operator who paused works on the nodes and reads their logs.
 *
 * @param now ms, monotonic.
 */
export function untried({ head, lease, nodes, observed, now: at }: View, now: number): NodeName[] {
  if (!head || !lease || lease.mode === 'paused' || lease.term !== head.term) return []
  if (lease.switchover && lease.switchover.notBefore <= at + NEAR_MS) return []
  return nodes.flatMap(({ name }) => {
    const known = observed[name]
    const consensus = known?.observation.consensus
    if (name === head.leader || name === lease.leader || lease.quarantine[name]) return []
    if (!consensus?.ok || consensus.value.sequencing || consensus.value.conductor === false) return []
    return known && isDue(known, now) ? [name] : []
  })
}

function isDue(known: ObservedNode, now: number): boolean {
  const { gate, observation, failedStart } = known
  if (!gate) return true
  const { reach, times, at, of, after, up } = gate
  if (reach === 'ignores-hash') return false
  if (!isSame(of, observation.identity?.consensus) || !isSame(after, failedStart)) return true
  if (up !== undefined && known.consensus.since !== up) return true
  if (isReconnected(known) && now - at >= RECONNECTED_MS * 2 ** (gate.reconnects ?? 0)) return true
  if (reach === 'proved' || reach === 'unknown') return now - at >= PROVED_MS
  return now - at >= (times < CERTAIN_TIMES ? SECOND_MS : FAILED_MS)
}

/** The same answers over a new connection: it may have restarted between two observations, with other options. */
const isReconnected = ({ gate, observation }: ObservedNode) =>
  gate !== undefined && gate.of !== observation.identity?.consensus

/** Whether a way is proved and nothing calls for another try: the process answers on the connection it had then. */
export const isProvedStill = (known: ObservedNode, now: number): boolean =>
  known.gate?.reach === 'proved' && known.observation.consensus.ok && !isReconnected(known) && !isDue(known, now)

/**
 * Notes the outcome of a try. A server that ends each connection looks like a node that restarts all the time: each
 * try without another cause doubles the time to the next such one.
 *
 * @param at ms, monotonic.
 */
export function noteReach(known: ObservedNode, found: Pick<GateReach, 'reach' | 'message'>, at: number): ObservedNode {
  const { gate: past, observation, failedStart, consensus } = known
  const of = observation.identity?.consensus
  const again = past !== undefined && isReconnected(known) && isSame(past.of, of) && consensus.since === past.up
  const gate: GateReach = {
    ...found,
    at,
    times: past?.reach === found.reach ? past.times + 1 : 1,
    up: consensus.since,
    reconnects: again ? (past.reconnects ?? 0) + 1 : 0,
    ...(of && { of }),
    ...(failedStart && { after: failedStart }),
  }
  return { ...known, gate }
}

/** Compares two answers by value: each one is parsed into a new object. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSame(a[name as never], b[name as never]))
  )
}
