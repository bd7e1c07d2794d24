import { learnEngines, type Memory } from '../context/memory.ts'
import { observeChain, readRecords } from '../context/observe.ts'
import type { ChainPorts } from '../context/ports.ts'
import { lastPage, recordSeries } from '../context/record.ts'
import { decide } from '../protocol/decide.ts'
import type { Command, Decision, View } from '../protocol/decision.ts'
import { failedToStart } from '../protocol/follow-l1.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import { keepSeries, seriesKey } from '../protocol/series.ts'
import { placeNodes } from './acts/place-nodes.ts'
import { tryGates } from './acts/try-gate.ts'
import { carryOut, type Next } from './carry-out.ts'
import { askL1, observeL1Again } from './contradict.ts'
import { reportMissedGrant } from './report-grant.ts'
import { reportMissedMove } from './report-move.ts'

/** The view and the decision at the end of a tick. */
export type Ticked = { readonly view: View; readonly decision: Decision }

/** Unknown engines are asked once in this many turns. */
const ENGINES_EVERY = 10

/** A failover is grant, fence, start; more steps than this in one tick mean a loop. */
const MAX_STEPS = 8

/**
 * One turn of the monitor. While all is well, only each `looksEvery`-th turn observes the nodes. Every turn reads the
 * records, which show a late block or an order. Takes no further step once it no longer `holds` the monitor lease.
 *
 * @throws StoreUnavailableError when the records cannot be read or written; the next tick continues.
 */
export async function tick(
  ports: ChainPorts,
  memory: Memory,
  active: boolean,
  looksEvery = 1,
  holds: () => boolean = () => true,
): Promise<Ticked> {
  const skipped = await steadyTurn(ports, memory, active)
  if (skipped) return skipped
  const ticked = await observeAndAct(ports, memory, active, holds)
  noteSteady(memory, ticked, looksEvery - 1)
  return ticked
}

/**
 * Observes, decides, acts, and decides again on what the act changed, until nothing remains to do now.
 * A standby (`active` = false) only observes, and so does the first tick of a process.
 */
async function observeAndAct(
  ports: ChainPorts,
  memory: Memory,
  active: boolean,
  holds: () => boolean,
): Promise<Ticked> {
  let view = await look(ports, memory)
  let decision = decide(view)
  if (memory.shared && !decision.sharedCause && memory.head) {
    // The shared cause is over: the time it took does not count against the leader.
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
  // Do not ask L1 during a failover, unless its leader failed to start, or L1 is known to have replaced the origin:
  // nodes that follow L1 cannot start on that head, and leave it again if they are given it once more.
  const taken = decision.sharedCause?.code === 'l1-reorg'
  if ((decision.condition !== 'moving' && decision.condition !== 'observing') || failedToStart(view) || taken) {
    const asked = await askL1(ports, view)
    if (asked !== view) decision = decide(asked)
    view = asked
  }
  // A head that followed L1 reverted blocks: page for it even if all is well at the tick's end.
  const takenBack = decision.commands.some(({ act }) => act === 'follow-l1') ? decision.page : []
  for (let step = 0; step < MAX_STEPS && holds(); step++) {
    const next = await carryOutAll(ports, memory, view, decision.commands)
    if (next === 'go-on') break
    view = await readRecords(ports, memory, view)
    // Ask before trying another node on a head that the leader may have left together with all others.
    if (failedToStart(view)) view = await askL1(ports, view)
    decision = decide(view)
    if (next === 'look') break
  }
  if (takenBack.length > 0) decision = { ...decision, page: [...takenBack, ...decision.page] }
  tryGates(ports, memory, view)
  placeNodes(ports, memory, view)
  // The turn does not wait for this; it runs as seldom as the query of versions.
  if (ports.engineMethods && memory.ticks % ENGINES_EVERY === 2) void learnEngines(ports, memory)
  await reportPages(ports, memory, view, decision)
  await reportMissedMove(ports, memory, view.head)
  await reportMissedGrant(ports, memory, view)
  noteBoundary(ports, memory, { view, decision })
  return { view, decision }
}

/** A silent node holds each observation up: this long after one (ms), a turn that waits for a commit needs no other. */
const BOUNDARY_MS = 1_000

/**
 * Observes the chain. While a move waits for the leader's next commit, most turns only read the records, or the commit
 * would be seen too late on short slots.
 */
async function look(ports: ChainPorts, memory: Memory): Promise<View> {
  const { boundary } = memory
  if (boundary && ports.clock.monotonic() - boundary.since <= boundary.ms)
    return readRecords(ports, memory, boundary.seen)
  delete memory.boundary
  return observeChain(ports, memory)
}

/** Notes whether a move waits for the leader's next commit. More than a slot of reads follows each observation. */
function noteBoundary({ clock, policy }: ChainPorts, memory: Memory, { view: seen, decision }: Ticked): void {
  if (!decision.reasons.some(({ code }) => code === 'block-boundary')) delete memory.boundary
  else {
    const ms = Math.min(1.5 * policy.blockTimeMs, BOUNDARY_MS)
    memory.boundary = { seen, ms, since: memory.boundary?.since ?? clock.monotonic() }
  }
}

/** Carries out a decision's commands in order, up to the first that calls for another step. */
async function carryOutAll(ports: ChainPorts, memory: Memory, view: View, commands: readonly Command[]): Promise<Next> {
  for (const command of commands) {
    const next = await carryOut(ports, memory, view, command)
    if (next !== 'go-on') return next
  }
  return 'go-on'
}

/**
 * Writes pages into the history, once each time they change. On AWS a monitor lives for two minutes: its successor
 * neither repeats an earlier monitor's page nor leaves the end of one unrecorded.
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
    // The chain matters more than its history: the next turn asks again.
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

/** Number of newest records searched for the newest page. */
const RECORDS = 50

/** The reason codes of the newest page. */
async function lastPaged({ chain, history }: ChainPorts): Promise<string> {
  const newest = lastPage(await history.list(chain.id, { limit: RECORDS }))
  return newest?.what === 'page' ? codesOf(newest.reasons) : ''
}

/**
 * A turn without observing nodes: the records show that the leader commits in time, and all was well at the last
 * observation. At most it renews the lease. `undefined` = there is something to do or to find out: observe the nodes.
 *
 * @throws StoreUnavailableError when the records cannot be read or written.
 */
export async function steadyTurn(ports: ChainPorts, memory: Memory, active: boolean): Promise<Ticked | undefined> {
  const { steady } = memory
  if (!steady || steady.turns <= 0) return undefined
  steady.turns--
  const builders = ports.builders?.latest()
  const view = await readRecords(ports, memory, { ...steady.seen, ...(builders && { builders }) })
  const decision = decide(view)
  if (!isSteady(view, decision)) return undefined
  if (active && !needsNoRenewal(view))
    for (const command of decision.commands) await carryOut(ports, memory, view, command)
  return { view, decision }
}

/** Sets for how many turns the nodes need no observation, if all is well. A process's first one is not enough. */
export function noteSteady(memory: Memory, { view, decision }: Ticked, turns: number): void {
  delete memory.steady
  if (turns <= 0 || memory.ticks <= 1 || !isSteady(view, decision)) return
  const { asked, linked, gate, l1 } = view
  const seen = { ...(asked && { asked }), ...(linked && { linked }), ...(gate && { gate }), ...(l1 && { l1 }) }
  memory.steady = { turns, seen }
}

/** Renew a lease with less than this remaining (ms): that leaves time for the next turn, and for one that fails. */
const SHORT_MS = 2_000

/** Each renewal is a write: a turn without observation leaves the lease alone until two thirds of it are over. */
const needsNoRenewal = ({ lease, policy, now }: View): boolean =>
  lease !== undefined &&
  lease.armedAt !== 0 &&
  lease.tried.length === 0 &&
  lease.expiresAt - now >= Math.max(policy.leaseMs / 3, SHORT_MS)

/** Nothing is requested, nothing is amiss, and the only act is to renew the lease. */
export const isSteady = ({ lease }: View, { condition, commands, page, sharedCause }: Decision): boolean =>
  condition === 'ok' &&
  !lease?.switchover &&
  !sharedCause &&
  page.length === 0 &&
  commands.every(({ act }) => act === 'renew')
