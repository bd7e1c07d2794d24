import { coolDown, dropSwitchover } from '../protocol/control.ts'
import type { Command, View } from '../protocol/decision.ts'
import { fence } from '../protocol/fence.ts'
import { moveHead } from '../protocol/follow-l1.ts'
import { followHead, grant, renew } from '../protocol/grant.ts'
import { firstCommitMs } from '../protocol/holder.ts'
import { type Reason, reason } from '../protocol/reason.ts'
import type { Actor, Lease } from '../protocol/records.ts'
import { seedHead, seedLease } from '../protocol/seed.ts'
import type { Write } from '../protocol/write.ts'
import { ask } from './acts/ask.ts'
import { start } from './acts/start.ts'
import type { Memory } from './memory.ts'
import { observeNode } from './observe.ts'
import { packSeed } from './payloads.ts'
import type { ChainPorts } from './ports.ts'
import { record } from './record.ts'

const BATON: Actor = { kind: 'baton', name: 'baton' }

/**
 * What is to be done after a command: `decide` the next step at once, on the looks already taken;
 * `look` again first, because time has passed; `go-on` with the decision's next command.
 */
export type Next = 'decide' | 'look' | 'go-on'

/**
 * Carries out one command. A conditional write that lost against another monitor changes nothing
 * and is no error: the next turn sees what the other one did.
 */
export async function carryOut(ports: ChainPorts, memory: Memory, view: View, command: Command): Promise<Next> {
  const { chain, heads, clock, policy } = ports
  const { head, lease } = view
  const now = clock.now()
  const tell = (term: number, node?: string, reasons: readonly Reason[] = command.reasons) =>
    record(ports, { what: command.act, term, head: head?.number ?? 0n, reasons, ...(node ? { node } : {}) })
  switch (command.act) {
    case 'seed': {
      const { block } = command
      const seeded = await heads.write(chain.id, seedHead(block, 0, now, await packSeed(ports, block)))
      if (seeded.applied) await record(ports, { what: 'seed', term: 0, head: block.number, reasons: command.reasons })
      await writeLease(ports, seedLease('', 0, BATON, now))
      return 'decide'
    }
    case 'seed-lease': {
      const { holder, term } = command.head
      const seeded = await writeLease(ports, seedLease(holder, term, BATON, now))
      if (seeded) await tell(term, holder)
      return 'decide'
    }
    case 'refuse-switchover':
    case 'follow-head':
    case 'cool-down':
    case 'renew':
    case 'grant': {
      if (!lease) return 'go-on'
      const written = await writeLease(ports, leaseWrite(command, lease, head, now, policy.leaseMs))
      if (written && command.act !== 'renew') {
        const granted = command.act === 'grant'
        await tell(granted ? lease.term + 1 : lease.term, granted ? command.grant.to : undefined)
      }
      return command.act === 'renew' ? 'go-on' : written ? 'decide' : 'look'
    }
    case 'follow-l1': {
      if (!head) return 'go-on'
      const moved = await heads.write(chain.id, moveHead(head, command.block, now))
      if (!moved.applied) return 'look'
      await record(ports, {
        what: 'follow-l1',
        term: moved.item.term,
        head: command.block.number,
        reasons: command.reasons,
      })
      return 'decide'
    }
    case 'fence': {
      const fenced = await heads.write(chain.id, fence(command.node, command.term, now))
      if (!fenced.applied) return 'look'
      const at = reason('head-fenced', { number: String(fenced.item.number), hash: fenced.item.hash })
      await record(ports, {
        what: 'fence',
        term: command.term,
        head: fenced.item.number,
        node: command.node,
        reasons: [at],
      })
      return 'decide'
    }
    case 'start': {
      const began = clock.now()
      const started = await start(ports, command.node, command.term, head && firstCommitMs(view, head))
      await observeNode(ports, memory, command.node)
      const trail = memory.trails[command.node]
      if (!started.started && trail) {
        const failedStart = { term: command.term, at: clock.now(), message: started.message }
        memory.trails[command.node] = { ...trail, failedStart }
      }
      const outcome = started.started
        ? reason('started', { ms: clock.now() - began, posted: started.posted, tries: started.tries }, command.node)
        : reason('start-failed', { message: started.message }, command.node)
      await tell(command.term, command.node, [outcome, ...command.reasons])
      return started.started ? 'look' : 'decide'
    }
    case 'stop':
    case 'reset-derivation':
      ask(ports, memory, view, command)
      return 'go-on'
  }
}

type LeaseCommand = Extract<Command, { act: 'refuse-switchover' | 'follow-head' | 'cool-down' | 'renew' | 'grant' }>

function leaseWrite(
  command: LeaseCommand,
  lease: Lease,
  head: View['head'],
  now: number,
  leaseMs: number,
): Write<Lease> {
  switch (command.act) {
    case 'grant':
      return grant(lease, command.grant, now)
    case 'renew':
      return renew(lease, leaseMs, now)
    case 'cool-down':
      return coolDown(lease, command.until)
    case 'follow-head':
      return followHead(lease, head ?? lease, now)
    case 'refuse-switchover':
      return dropSwitchover(lease)
  }
}

async function writeLease({ leases, chain }: ChainPorts, write: Write<Lease>): Promise<boolean> {
  return (await leases.write(chain.id, write)).applied
}
