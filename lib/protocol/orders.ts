import type { Ready } from './decision.ts'
import { kindOf, overriddenNode } from './quarantine.ts'
import { type Reason, reason } from './reason.ts'
import type { Lease, NodeName, Switchover } from './records.ts'

/**
 * What operators may order, and which orders in force refuse it. A later order wins over an earlier one that waits
 * (`withdrawsSwitchover` in control.ts: a pause and a hold withdraw a switchover). It never wins over one that is being
 * carried out.
 *
 * - `override`: some node publishes without commits. Any grant would start a second chain.
 * - `override-elsewhere`: another node than the named one does.
 * - `recovery`: a crash recovery works on the named node.
 * - `switchover`: one is pending.
 */
export const refusedWhile = {
  pause: [],
  resume: ['override'],
  hold: ['override'],
  switchover: ['override', 'switchover'],
  upgrade: ['override'],
  recover: ['override'],
  're-seed': [],
  'cold-start': ['override'],
  override: ['override-elsewhere', 'recovery'],
  return: ['override-elsewhere'],
} as const satisfies Readonly<Record<string, readonly InForce[]>>

type InForce = 'override' | 'override-elsewhere' | 'recovery' | 'switchover'

/** An operator's order, by the name of its verb. */
export type Order = keyof typeof refusedWhile

/** Why an order is refused, and what to do first. */
export type Refusal = { readonly message: string; readonly remedy: string }

/** Judges an order against the orders in force; `undefined` = none conflicts. */
export function judgeOrder(order: Order, lease: Lease | undefined, node?: NodeName): Refusal | undefined {
  if (!lease) return undefined
  for (const each of refusedWhile[order] as readonly InForce[]) {
    const refusal = refusals[each](lease, node)
    if (refusal) return refusal
  }
  return undefined
}

const refusals: Readonly<Record<InForce, (lease: Lease, node?: NodeName) => Refusal | undefined>> = {
  override: ({ quarantine }) => refuseFor(overriddenNode(quarantine)),
  'override-elsewhere': ({ quarantine }, node) => refuseFor(overriddenNode(quarantine, node)),
  recovery({ quarantine }, node = '') {
    const entry = quarantine[node]
    if (!entry || kindOf(entry) !== 'recovery') return undefined
    return { message: `a crash recovery works on ${node} (${entry.by})`, remedy: 'wait until it ends, or stop it' }
  },
  switchover({ switchover }) {
    if (!switchover) return undefined
    const { by, to = 'the best standby', notBefore } = switchover
    const which = notBefore > 0 ? 'a scheduled switchover' : 'a switchover'
    return {
      message: `${which} to ${to}, asked for by ${by}, is pending`,
      remedy: 'wait for it, or withdraw it: "baton switchover --cancel"',
    }
  },
}

function refuseFor(found: ReturnType<typeof overriddenNode>): Refusal | undefined {
  return (
    found && {
      message: `${found.node} publishes without commits, by order of ${found.entry.by}`,
      remedy: `take its blocks back first: "baton disaster return --node ${found.node}"; if ${found.node} is gone for good: "baton quarantine ${found.node} --lift --force"`,
    }
  )
}

/** A switchover that could not begin this long after its time (ms) is dropped: its moment is over. */
const LATE_MS = 60_000
/** A switchover requested further ahead than this (ms) is scheduled: no operator waits at a screen for it. */
const SCHEDULED_MS = 5_000

/** When a switchover is dropped if it has not begun (Unix ms). */
export const latestOf = (switchover: Pick<Switchover, 'notBefore' | 'latest'>): number =>
  switchover.latest ?? (switchover.notBefore > 0 ? switchover.notBefore + LATE_MS : Number.POSITIVE_INFINITY)

/** The time after which a switchover requested now is dropped (Unix ms). */
export const latestFor = (askedAt: number, notBefore: number, lateMs = LATE_MS): number =>
  Math.max(askedAt, notBefore) + lateMs

/** Whether a switchover was requested for a time, not for now. */
export const isScheduled = ({ notBefore, askedAt = 0 }: Switchover): boolean =>
  notBefore > 0 && notBefore > askedAt + SCHEDULED_MS

/**
 * The mode that binds a switchover: a pause or a hold ordered after it. One ordered during the pause is carried out.
 * Records of version 0.1 have no order numbers: there a time after the pause began means that it was scheduled.
 */
export function boundBy({ mode, modeBy, modeOrder, modeAt, leader }: Lease, asked: Switchover): Reason | undefined {
  if (mode === 'auto') return undefined
  const earlier =
    asked.order !== undefined && modeOrder !== undefined ? asked.order < modeOrder : asked.notBefore > modeAt
  if (!earlier) return undefined
  return mode === 'paused' ? reason('paused', { by: modeBy }) : reason('held', { by: modeBy }, leader)
}

/** Clocks of one fleet may differ by this much (ms). */
const APART_MS = 10_000

/**
 * Whether the pause is older than the switchover that granted the term, or than the one it comes back from. Orders have
 * numbers: the time of the pause comes from the operator's clock, that of the grant from the monitor's. Records of
 * version 0.1 have times only.
 */
export function movedInPause({ cause, grantedAt, modeAt, modeOrder }: Lease): boolean {
  if (cause.code !== 'switchover' && cause.code !== 'rolled-back') return false
  if (cause.order !== undefined && modeOrder !== undefined) return cause.order > modeOrder
  return grantedAt >= modeAt - APART_MS
}

/**
 * Whether the term is an operator's unfinished order: a switchover, or its roll-back. Baton continues only such a term
 * while it is paused.
 */
export const isOrdered = ({ lease, head }: Pick<Ready, 'lease' | 'head'>): boolean =>
  (lease.cause.code === 'switchover' || lease.cause.code === 'rolled-back') &&
  (lease.term > head.term || head.committedTerm !== head.term)
