import { learnEngines, type Memory } from '../context/memory.ts'
import { observeChain, readRecords } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import { lastPage, recordSeries } from '../context/record.ts'
import { decide } from '../protocol/decide.ts'
import type { Command, Decision, View } from '../protocol/decision.ts'
import { failedToStart } from '../protocol/follow-l1.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import { keepSeries, seriesKey } from '../protocol/series.ts'
import { tryGates } from './acts/try-gate.ts'
import { carryOut, type Next } from './carry-out.ts'
import { askL1, observeL1Again } from './contradict.ts'
import { reportMissedMove } from './report-move.ts'

/** What a tick saw and decided at its end. */
export type Ticked = { readonly view: View; readonly decision: Decision }

/** Engines that are not known yet are asked in each of so many turns. */
const ENGINES_EVERY = 10

/** A failover is grant, fence, start; more steps than this in one tick mean a loop. */
const MAX_STEPS = 8

/**
 * One turn of the monitor. While all is well, nodes are asked in each `looksEvery`-th turn only; the records, which
 * tell of a late block or an order, in every one.
 *
 * @throws StoreUnavailableError when the records cannot be read or written; the next tick goes on.
 */
export async function tick(ports: ChainPorts, memory: Memory, active: boolean, looksEvery = 1): Promise<Ticked> {
  const skipped = await steadyTurn(ports, memory, active)
  if (skipped) return skipped
  const ticked = await observeAndAct(ports, memory, active)
  noteSteady(memory, ticked, looksEvery - 1)
  return ticked
}

/**
 * Look, decide, act, and decide again on what the act changed, until nothing is left to do now.
 * A standby (`active` = false) and the first look of a process only look.
 */
async function observeAndAct(ports: ChainPorts, memory: Memory, active: boolean): Promise<Ticked> {
  let view = await observeChain(ports, memory)
  let decision = decide(view)
  if (memory.shared && !decision.sharedCause && memory.head) {
    // It is over: what stood still because of it is not held against the leader.
    memory.head = { ...memory.head, seenAt: ports.clock.monotonic() }
    view = { ...view, headSeenAt: view.now }
    decision = decide(view)
  }
  memory.acts = Object.fromEntries(keepSeries(view).map((series) => [seriesKey(series.act, series.node), series]))
  memory.shared = decision.sharedCause !== undefined
  memory.ticks++
  if (!active || memory.ticks === 1) return { view, decision }
  const refreshed = await observeL1Again(ports, view, decision)
  if (refreshed !== view) decision = decide(refreshed)
  view = refreshed
  // A failover under way is not delayed by it, unless its leader could not be started, or L1 is known to have taken the
  // head's origin: nodes that follow L1 cannot be started on that head, and those given it once more leave it again.
  const taken = decision.sharedCause?.code === 'l1-reorg'
  if ((decision.condition !== 'moving' && decision.condition !== 'observing') || failedToStart(view) || taken) {
    const asked = await askL1(ports, view)
    if (asked !== view) decision = decide(asked)
    view = asked
  }
  // A head that followed L1 took blocks back: people must hear of it, though all is well at the tick's end.
  const takenBack = decision.commands.some(({ act }) => act === 'follow-l1') ? decision.page : []
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = await carryOutAll(ports, memory, view, decision.commands)
    if (next === 'go-on') break
    view = await readRecords(ports, memory, view)
    // Before another node is tried on a head that the leader may have left together with all others.
    if (failedToStart(view)) view = await askL1(ports, view)
    decision = decide(view)
    if (next === 'look') break
  }
  if (takenBack.length > 0) decision = { ...decision, page: [...takenBack, ...decision.page] }
  tryGates(ports, memory, view)
  // Nothing waits for it, and it is asked as seldom as versions are.
  if (ports.engineMethods && memory.ticks % ENGINES_EVERY === 2) void learnEngines(ports, memory)
  await reportPages(ports, memory, view, decision)
  await reportMissedMove(ports, memory, view.head)
  return { view, decision }
}

/** Carries out a decision's commands in order, up to the first after which there is something else to do. */
async function carryOutAll(ports: ChainPorts, memory: Memory, view: View, commands: readonly Command[]): Promise<Next> {
  for (const command of commands) {
    const next = await carryOut(ports, memory, view, command)
    if (next !== 'go-on') return next
  }
  return 'go-on'
}

/**
 * What Baton refuses to do and wants a person for is part of the history, once each time it changes. Monitors come
 * and go (on AWS every two minutes): what the one before told is neither told again, nor does its end go untold.
 */
async function reportPages(
  ports: ChainPorts,
  memory: Memory,
  { head, lease }: View,
  { page }: Decision,
): Promise<void> {
  const codes = codesOf(page)
  try {
    memory.paged ??= await lastPaged(ports)
  } catch (error) {
    // The chain matters more than its diary: the next turn asks again.
    ports.log.error('history not read', { chain: ports.chain.id, error })
    return
  }
  if (codes === memory.paged) return
  memory.paged = codes
  await recordSeries(ports, memory, {
    what: page.length > 0 ? 'page' : 'page-over',
    term: lease?.term ?? 0,
    head: head?.number ?? 0n,
    reasons: page.length > 0 ? page : [reason('page-over')],
  })
}

const codesOf = (page: readonly Reason[]) => page.map(({ code, node = '' }) => `${code} ${node}`).join()

/** So far back the newest page is looked for. */
const RECORDS = 50

/** The codes of what a monitor paged for last. */
async function lastPaged({ chain, history }: ChainPorts): Promise<string> {
  const newest = lastPage(await history.list(chain.id, { limit: RECORDS }))
  return newest?.what === 'page' ? codesOf(newest.reasons) : ''
}

/**
 * A turn that asks no node: the records say that the leader commits in time, and all was well at the last look. It
 * renews the lease at most. `undefined` = something is to be done, or to be found out: the nodes must be looked at.
 *
 * @throws StoreUnavailableError when the records cannot be read or written.
 */
export async function steadyTurn(ports: ChainPorts, memory: Memory, active: boolean): Promise<Ticked | undefined> {
  const { steady } = memory
  if (!steady || steady.turns <= 0) return undefined
  steady.turns--
  const view = await readRecords(ports, memory, steady.seen)
  const decision = decide(view)
  if (!isSteady(view, decision)) return undefined
  if (active && !needsNoRenewal(view))
    for (const command of decision.commands) await carryOut(ports, memory, view, command)
  return { view, decision }
}

/** Notes after a look for how many turns the nodes need not be asked, if all was well. A first look is not enough. */
export function noteSteady(memory: Memory, { view, decision }: Ticked, turns: number): void {
  delete memory.steady
  if (turns <= 0 || memory.ticks <= 1 || !isSteady(view, decision)) return
  const { asked, linked, gate, l1 } = view
  const seen = { ...(asked && { asked }), ...(linked && { linked }), ...(gate && { gate }), ...(l1 && { l1 }) }
  memory.steady = { turns, seen }
}

/** A lease that runs for less than this is renewed: the next turn, and one that fails, are not too late for it. */
const SHORT_MS = 2_000

/** Each renewal is a write: a turn that asked nobody leaves the lease alone until two thirds of it are over. */
const needsNoRenewal = ({ lease, policy, now }: View): boolean =>
  lease !== undefined &&
  lease.armedAt !== 0 &&
  lease.tried.length === 0 &&
  lease.expiresAt - now >= Math.max(policy.leaseMs / 3, SHORT_MS)

/** Nobody asks for anything, nothing is amiss, and nothing but the lease is to be kept up. */
export const isSteady = ({ lease }: View, { condition, commands, page, sharedCause }: Decision): boolean =>
  condition === 'ok' &&
  !lease?.switchover &&
  !sharedCause &&
  page.length === 0 &&
  commands.every(({ act }) => act === 'renew')
