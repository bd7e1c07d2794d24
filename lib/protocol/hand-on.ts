import type { ObservedNode } from './decision.ts'
import { isProvedStill, PROVED_MS } from './gate-reach.ts'
import type { NodeName } from './records.ts'

/** A standby's proved way to the gate as a monitor hands it on: the node's peer id, and how old the proof is (ms). */
export type ProvedWay = { readonly peer: string; readonly age: number }

/** The proved ways of a chain's standbys, by node. */
export type ProvedWays = Readonly<Record<NodeName, ProvedWay>>

type Observed = Readonly<Record<NodeName, ObservedNode>>

const peerOf = ({ observation: { identity } }: ObservedNode) =>
  identity?.consensus?.ok ? identity.consensus.value.peer : undefined

/**
 * The ways that a monitor hands on to its successor: proved, not due for another try, and of a process that has
 * answered on the same connection ever since.
 *
 * @param now ms, monotonic.
 */
export function provedWays(observed: Observed, now: number): ProvedWays {
  const ways = Object.entries(observed).flatMap(([node, known]) => {
    const peer = peerOf(known)
    const { gate } = known
    if (!gate || peer === undefined || !isProvedStill(known, now)) return []
    return [[node, { peer, age: now - gate.at }] as const]
  })
  return Object.fromEntries(ways)
}

/** By what a monitor sees that a process it has seen once is still there: its connection, and since when it answers. */
type Followed = { readonly of: object; readonly since: number }

/** The processes that a monitor saw in its first look. */
export function followOn(observed: Observed): Readonly<Record<NodeName, Followed>> {
  return Object.fromEntries(
    Object.entries(observed).flatMap(([node, { observation, consensus }]) => {
      const of = observation.identity?.consensus
      return observation.consensus.ok && of ? [[node, { of, since: consensus.since }] as const] : []
    }),
  )
}

/**
 * A node with the way that the monitor before had proved. Only of the process that this monitor has watched itself
 * without a break, since a time at which the other one watched it too: a restart between the proof and now is then seen
 * by one of the two. As within one monitor, the proof serves for three minutes in all.
 *
 * @param first The process in this monitor's first look; `undefined` = it saw none, or not in time.
 * @param now ms, monotonic.
 */
export function takeOver(
  known: ObservedNode,
  { peer, age }: ProvedWay,
  { first, now }: { readonly first: Followed | undefined; readonly now: number },
): ObservedNode {
  const of = known.observation.identity?.consensus
  const isSameProcess = of === first?.of && known.consensus.since === first?.since
  const serves = first !== undefined && isSameProcess && known.observation.consensus.ok && peerOf(known) === peer
  if (!serves || !of || known.gate || age < 0 || age >= PROVED_MS) return known
  return { ...known, gate: { reach: 'proved', at: now - age, times: 1, reconnects: 0, of, up: known.consensus.since } }
}
