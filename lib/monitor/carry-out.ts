import type { Memory } from '../context/memory.ts'
import { observeNode } from '../context/observe.ts'
import { packSeed } from '../context/payloads.ts'
import type { ChainPorts } from '../context/ports.ts'
import { append, BATON, record, recordSeries } from '../context/record.ts'
import { seedHead, seedLease } from '../protocol/bootstrap.ts'
import { provedGenesis } from '../protocol/chain-reset.ts'
import { coolDown, type Drop, dropSwitchover } from '../protocol/control.ts'
import type { Command, View } from '../protocol/decision.ts'
import { moveHead } from '../protocol/follow-l1.ts'
import { fence, followHead, type Grant, grant, isForLater, renew } from '../protocol/grant.ts'
import { firstCommitMs } from '../protocol/leader.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import type { Lease } from '../protocol/records.ts'
import { addAttempt, seriesKey } from '../protocol/series.ts'
import type { Write } from '../protocol/write.ts'
import { ask } from './acts/ask.ts'
import { start } from './acts/start.ts'
import { stillOrdered } from './acts/still-ordered.ts'
import { topUp } from './acts/top-up.ts'
import { recordOfGrant } from './report-grant.ts'
import { reportMove } from './report-move.ts'

/**
 * The step after a command: `decide` at once, on the observations already taken; `look`: observe again first, because
 * time has passed; `go-on` with the decision's next command.
 */
export type Next = 'decide' | 'look' | 'go-on'

/** The command of this act. */
type Of<Act extends Command['act']> = Extract<Command, { readonly act: Act }>
type OfLease = Of<'refuse-switchover' | 'follow-head' | 'cool-down' | 'renew' | 'grant'>

/**
 * Carries out one command. A conditional write that lost against another monitor changes nothing and is no error: the
 * next turn observes what the other monitor did.
 */
export async function carryOut(ports: ChainPorts, memory: Memory, view: View, command: Command): Promise<Next> {
  switch (command.act) {
    case 'seed':
      return seedRecords(ports, view, command)
    case 'seed-lease':
      return seedLeaseOf(ports, command)
    case 'refuse-switchover':
    case 'follow-head':
    case 'cool-down':
    case 'renew':
    case 'grant':
      return changeLease(ports, memory, view, command)
    case 'follow-l1':
      return followL1(ports, memory, view, command)
    case 'fence':
      return fenceHead(ports, command)
    case 'start':
      return startLeader(ports, memory, view, command)
    case 'stop':
    case 'reset-derivation':
      ask(ports, memory, view, command)
      return 'go-on'
    case 'top-up':
      topUp(ports, memory, view, command)
      return 'go-on'
  }
}

async function seedRecords(ports: ChainPorts, { genesis }: View, { act, block, reasons }: Of<'seed'>): Promise<Next> {
  const now = ports.clock.now()
  const seeded = await ports.heads.write(ports.chain.id, seedHead(block, 0, now, await packSeed(ports, block)))
  if (seeded.applied) await record(ports, { what: act, term: 0, head: block.number, reasons })
  await writeLease(ports, seedLease('', 0, BATON, now, { genesis }))
  return 'decide'
}

async function seedLeaseOf(ports: ChainPorts, { act, head, reasons }: Of<'seed-lease'>): Promise<Next> {
  const { leader, term } = head
  const seeded = await writeLease(ports, seedLease(leader, term, BATON, ports.clock.now()))
  if (seeded) await record(ports, { what: act, term, head: head.number, node: leader, reasons })
  return 'decide'
}

/** The history does not record renewals, and the decision continues whether or not the write applied. */
async function changeLease(ports: ChainPorts, memory: Memory, view: View, command: OfLease): Promise<Next> {
  const { head, lease } = view
  if (!lease) return 'go-on'
  const { act, reasons } = command
  const now = ports.clock.now()
  const at = head?.number ?? 0n
  const granting = act === 'grant' ? recordOf(ports, command, lease, now, at) : undefined
  // Kept before the write: its answer may be lost.
  if (granting) memory.granting = granting
  const written = await writeLease(ports, leaseWrite(command, { ...view, lease }, now))
  if (act === 'renew') return 'go-on'
  if (!written) return 'look'
  if (granting) await append(ports, granting)
  else await recordSeries(ports, memory, { what: act, head: at, reasons, term: lease.term })
  return 'decide'
}

function recordOf(ports: ChainPorts, { grant, reasons }: Of<'grant'>, lease: Lease, at: number, head: bigint) {
  const { to } = grant
  return recordOfGrant(ports, { term: lease.term + 1, to, at, head }, [...reasons, ...droppedBy(grant, lease, at)])
}

/** A failover just when a switchover is due takes its place: the history must show that to the requester. */
function droppedBy({ cause, to }: Grant, lease: Lease, now: number): readonly Reason[] {
  const { switchover } = lease
  if (!switchover?.to || switchover.to === to || cause.code === 'switchover' || isForLater(lease, to, now)) return []
  return [reason('switchover-dropped', { by: switchover.by }, switchover.to)]
}

/** The write names the head it moves, but not the mode, which is on the lease. */
async function followL1(ports: ChainPorts, memory: Memory, view: View, command: Of<'follow-l1'>): Promise<Next> {
  const { head, lease } = view
  if (!head || !lease) return 'go-on'
  if (!(await stillOrdered(ports, lease, memory.readAt)())) return 'look'
  const { block, reasons } = command
  // The last reason is the proof; the move itself holds the target.
  const why = reasons.at(-1) ?? reason('follow-l1')
  const moved = await ports.heads.write(ports.chain.id, moveHead(head, block, ports.clock.now(), BATON, why))
  if (!moved.applied) return 'look'
  await reportMove(ports, memory, moved.item, reasons)
  return 'decide'
}

/** The record names the block the fence found: the grant's reasons could not know it. */
async function fenceHead(ports: ChainPorts, { act, node, term }: Of<'fence'>): Promise<Next> {
  const fenced = await ports.heads.write(ports.chain.id, fence(node, term, ports.clock.now()))
  if (!fenced.applied) return 'look'
  const { number, hash } = fenced.item
  const at = reason('head-fenced', { number: String(number), hash })
  await record(ports, { what: act, term, head: number, node, reasons: [at] })
  return 'decide'
}

async function startLeader(ports: ChainPorts, memory: Memory, view: View, command: Of<'start'>): Promise<Next> {
  const { clock } = ports
  const { head, lease } = view
  if (!lease) return 'go-on'
  const { act, node, term, reasons } = command
  const began = clock.now()
  const ordered = stillOrdered(ports, lease, memory.readAt)
  const started = await start(ports, node, term, head && firstCommitMs(view, head), ordered)
  await observeNode(ports, memory, node)
  const overtaken = !started.started && started.overtaken === true
  if (head && !overtaken) {
    const tried = addAttempt(
      { ...view, now: clock.now(), acts: memory.acts, observed: memory.observed },
      act,
      node,
      head,
    )
    memory.acts = { ...memory.acts, [seriesKey(act, node)]: tried }
  }
  const known = memory.observed[node]
  if (!started.started && !overtaken && known) {
    memory.observed[node] = { ...known, failedStart: { term, at: clock.now(), message: started.message } }
  }
  const outcome = started.started
    ? reason('started', { ms: clock.now() - began, posted: started.posted, tries: started.tries }, node)
    : reason('start-failed', { message: started.message }, node)
  await recordSeries(ports, memory, { what: act, term, head: head?.number ?? 0n, node, reasons: [outcome, ...reasons] })
  return started.started || overtaken ? 'look' : 'decide'
}

type Leased = View & { readonly lease: Lease }

function leaseWrite(command: OfLease, view: Leased, now: number): Write<Lease> {
  const { lease, head, policy } = view
  switch (command.act) {
    case 'grant':
      return grant(lease, command.grant, now)
    case 'renew':
      return renew(lease, policy.leaseMs, now, provedGenesis(view))
    case 'cool-down':
      return coolDown(lease, command.until)
    case 'follow-head':
      return followHead(lease, head ?? lease, now)
    case 'refuse-switchover':
      return dropSwitchover(lease, refusedFor(command))
  }
}

function refusedFor({ reasons: [why] }: Of<'refuse-switchover'>): Drop {
  return { outcome: 'refused', by: BATON.name, ...(why && { why }) }
}

async function writeLease({ leases, chain }: ChainPorts, write: Write<Lease>): Promise<boolean> {
  return (await leases.write(chain.id, write)).applied
}
