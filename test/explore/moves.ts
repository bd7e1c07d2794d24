import { closeAt } from '../../lib/disaster/close.ts'
import type { Block } from '../../lib/protocol/block.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { coolDown, dropSwitchover, quarantine, requestSwitchover, setMode } from '../../lib/protocol/control.ts'
import { fence } from '../../lib/protocol/fence.ts'
import { moveHead } from '../../lib/protocol/follow-l1.ts'
import { followHead, grant, renew } from '../../lib/protocol/grant.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { Head, Lease, NodeName } from '../../lib/protocol/records.ts'
import { seedHead, seedLease } from '../../lib/protocol/seed.ts'
import type { Write } from '../../lib/protocol/write.ts'
import { type Bounds, GENESIS, hashOf, type Known, nodesOf, type PastLease, type World } from './world.ts'

/** What kind of write it is, as the conditions' test names it. */
export type Kind =
  | 'commit'
  | 'fence'
  | 'moveHead'
  | 'closeAt'
  | 'seedHead'
  | 'grant'
  | 'automatic grant'
  | 'soft grant'
  | 'renew'
  | 'coolDown'
  | 'followHead'
  | 'seedLease'
  | 'setMode'
  | 'requestSwitchover'
  | 'dropSwitchover'
  | 'quarantine'

/** One write that somebody may send now, and what it was decided from. */
export type Move =
  | {
      readonly on: 'head'
      readonly kind: Kind
      readonly who: string
      readonly write: Write<Head>
      readonly block?: Block
      /** The head it was decided from. */
      readonly from?: Head
      readonly node?: NodeName
    }
  | {
      readonly on: 'lease'
      readonly kind: Kind
      readonly who: string
      readonly write: Write<Lease>
      readonly from?: PastLease
    }

/** A lease runs for this long, in the counter's ticks: longer than all that is counted. */
const LEASE = 1_000
const BATON = { kind: 'baton', name: 'baton' } as const
const WHY = reason('follow-l1')

/** Every write that anybody could send: nodes whatever they like, monitors and operators by whatever they once read. */
export function* movesOf(world: World, bounds: Bounds): Generator<Move> {
  yield* commits(world, bounds)
  yield* fences(world)
  yield* headMoves(world, bounds)
  yield* leaseWrites(world, bounds)
  yield { on: 'head', kind: 'seedHead', who: 'late monitor', write: seedHead(GENESIS, 0, 1) }
  yield { on: 'lease', kind: 'seedLease', who: 'late monitor', write: seedLease('', 0, BATON, 1) }
}

/** A node may send any child of any block it heard of, with a true number or a false one, and another's block. */
function* commits(world: World, bounds: Bounds): Generator<Move> {
  const { height } = bounds
  const names = nodesOf(world, bounds)
  for (const node of names)
    for (const parent of world.blocks)
      for (const author of names)
        for (const lie of [1n, 2n]) {
          const number = parent.number + lie
          if (number > BigInt(height)) continue
          const hash = hashOf(`${parent.hash.slice(2)}${author}${lie === 1n ? '' : '+'}`)
          const block: Block = { number, hash, parentHash: parent.hash, timestamp: number }
          const write = commitOf(node, block)
          yield { on: 'head', kind: 'commit', who: `node ${node}`, write, block, node }
        }
}

const made = new Map<string, Write<Head>>()

/** The same commit is tried in almost every world. */
function commitOf(node: NodeName, block: Block): Write<Head> {
  const key = `${node}${block.number}${block.hash}`
  const write = made.get(key) ?? commit(node, block, { payloadRef: block.hash }, 1)
  made.set(key, write)
  return write
}

/** Whoever read a granted term may fence it, at any later time. */
function* fences({ granted }: World): Generator<Move> {
  for (const [term, node] of Object.entries(granted))
    yield { on: 'head', kind: 'fence', who: 'monitor', write: fence(node, Number(term), 1) }
}

/** Backward moves by evidence or by a person, and the closing of a head, each by a head that was read before. */
function* headMoves({ heads, blocks }: World, { term }: Bounds): Generator<Move> {
  for (const head of heads) {
    if (head.term >= term) continue
    for (const block of blocks.filter(({ number }) => number < head.number))
      yield { on: 'head', kind: 'moveHead', who: 'monitor', write: moveHead(head, asBlock(block), 1, BATON, WHY) }
    yield { on: 'head', kind: 'closeAt', who: 'operator', from: head, write: closeAt(head, 1) }
  }
}

const asBlock = ({ number, hash, parentHash }: Known): Block => ({ number, hash, parentHash, timestamp: number })

function* leaseWrites(world: World, bounds: Bounds): Generator<Move> {
  const { term, orders, renewals } = bounds
  const on = 'lease' as const
  // Each write of a monitor has a time of its own, as it has on a clock.
  const at = 2 + world.renewals + world.grants + 10 * (world.lease?.term ?? 0)
  const monitor = { on, who: 'monitor' }
  const operator = { on, who: 'operator' }
  for (const from of world.leases) {
    const { lease } = from
    for (const to of lease.term < term ? nodesOf(world, bounds) : []) {
      const given = { to, cause: { code: 'stalled', by: 'baton' }, sameRound: false, leaseMs: LEASE } as const
      const make = (overLease: boolean, automatic: boolean, now: number) =>
        grant(lease, { ...given, overLease, automatic }, now)
      yield { ...monitor, kind: 'grant', from, write: make(true, false, at) }
      yield { ...monitor, kind: 'automatic grant', from, write: make(true, true, at) }
      yield { ...monitor, kind: 'soft grant', from, write: make(false, true, at) }
      yield { ...monitor, kind: 'soft grant', from, write: make(false, true, at + LEASE + 1) }
    }
    if (world.renewals < renewals) yield { ...monitor, kind: 'renew', from, write: renew(lease, LEASE, at) }
    yield { ...monitor, kind: 'coolDown', from, write: coolDown(lease, at) }
    for (const head of world.heads) yield { ...monitor, kind: 'followHead', from, write: followHead(lease, head, at) }
    if (world.orders >= orders) continue
    const entry = { since: 1, why: 'disk', by: 'ann', kind: 'operator' }
    const switchover = { id: `s${lease.orders}`, notBefore: 0, by: 'ann', force: false }
    yield { ...operator, kind: 'setMode', from, write: setMode(lease, 'paused', 'ann', 1) }
    yield { ...operator, kind: 'requestSwitchover', from, write: requestSwitchover(lease, switchover) }
    yield { ...operator, kind: 'dropSwitchover', from, write: dropSwitchover(lease) }
    yield { ...operator, kind: 'quarantine', from, write: quarantine(lease, 'a', entry) }
  }
}
