import { describe, expect, test } from 'vitest'
import { commit } from '../../lib/protocol/commit.ts'
import { dropSwitchover, requestSwitchover, setMode } from '../../lib/protocol/control.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { fence, type Grant, grant } from '../../lib/protocol/grant.ts'
import { type AskedSwitchover, outcomeOf } from '../../lib/protocol/outcome.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { Head, Lease, Switchover } from '../../lib/protocol/records.ts'
import { applied, type Write } from '../../lib/protocol/write.ts'
import { hashOf, head, l2, lease, T, view } from './scene.ts'

/** The records of a chain that `a` leads in term 3, and what happens to them. */
type Records = { lease: Lease; head: Head }
type Event = (records: Records) => void

function write<R extends object>(item: R, change: Write<R>): R {
  const written = applied(change, item)
  if (!written) throw new Error('its condition does not hold')
  return written
}

const asks =
  (more: Partial<Switchover> = {}, id = 'x'): Event =>
  (records) => {
    records.lease = write(
      records.lease,
      requestSwitchover(records.lease, { id, notBefore: 0, by: 'ann', force: false, ...more }),
    )
  }
const grants =
  (to: string, cause: Grant['cause']): Event =>
  (records) => {
    const terms = { overLease: true, automatic: cause.by === 'baton', sameRound: false, leaseMs: 6_000 }
    records.lease = write(records.lease, grant(records.lease, { to, cause, ...terms }, T))
  }
const carriesOut = (to: string, id = 'x') => grants(to, { code: 'switchover', by: 'ann', id })
const failsOver = (to: string) => grants(to, { code: 'consensus-refused', by: 'baton' })
const fences: Event = (records) => {
  const { leader, term } = records.lease
  records.head = write(records.head, fence(leader, term, T))
}
const commits: Event = (records) => {
  const { leader, number } = records.head
  records.head = write(records.head, commit(leader, l2(number + 1n), { payloadRef: 'x' }, T))
}
const leads = [fences, commits]
const refuses: Event = (records) => {
  const why = reason('switchover-refused', { target: 'c', message: 'is quarantined', by: 'ann' })
  records.lease = write(records.lease, dropSwitchover(records.lease, { outcome: 'refused', by: 'baton', why }))
}
const withdraws: Event = (records) => {
  records.lease = write(records.lease, dropSwitchover(records.lease, { outcome: 'withdrawn', by: 'bea' }))
}
const sets =
  (mode: 'paused' | 'hold'): Event =>
  (records) => {
    records.lease = write(records.lease, setMode(records.lease, mode, 'bea', T))
  }
/** The monitor of version 0.1 dropped a request without a word on the lease. */
const dropsSilently: Event = (records) => {
  const { switchover: _, ...rest } = records.lease
  records.lease = rest
}
/** What the monitor decides while the leader of an effective term has not committed in time. */
const decides: Event = (records) => {
  const { commands } = decide(view({ after: 9_000, ...records, view: { headSeenAt: T }, b: { sequencing: true } }))
  const [command] = commands
  if (command?.act !== 'grant') throw new Error(`no grant: ${JSON.stringify(commands)}`)
  records.lease = write(records.lease, grant(records.lease, command.grant, T))
}

function outcome(events: readonly Event[], asked: Partial<AskedSwitchover> = {}) {
  const records: Records = { lease: lease({ leader: 'a', term: 3 }), head: head() }
  for (const event of events) event(records)
  return outcomeOf({ id: 'x', term: 3, from: 'a', ...asked }, records.lease, records.head)
}

describe('what came of a switchover to c', () => {
  const to = { to: 'c' }
  test.each<[string, Event[], object]>([
    ['it waits', [asks(to)], { outcome: 'pending' }],
    ['granted, not fenced', [asks(to), carriesOut('c')], { outcome: 'pending' }],
    ['fenced, no commit yet', [asks(to), carriesOut('c'), fences], { outcome: 'pending' }],
    [
      'c commits',
      [asks(to), carriesOut('c'), ...leads],
      { outcome: 'moved', leader: 'c', term: 4, block: { number: 101n, hash: hashOf(101n) } },
    ],
    ['c commits, and commits', [asks(to), carriesOut('c'), ...leads, commits], { outcome: 'moved', leader: 'c' }],
    ['a failover to c came first', [asks(to), failsOver('c'), ...leads], { outcome: 'moved', leader: 'c' }],
    [
      'a failover to b came first',
      [asks({ ...to, notBefore: T - 1 }), failsOver('b'), ...leads],
      { outcome: 'overtaken', leader: 'b', term: 4 },
    ],
    ['refused', [asks(to), refuses], { outcome: 'refused', why: { code: 'switchover-refused' } }],
    ['refused, then a failover', [asks(to), refuses, failsOver('c'), ...leads], { outcome: 'refused' }],
    ['refused, then another one is asked for', [asks(to), refuses, asks(to, 'y')], { outcome: 'refused' }],
    ['dropped by version 0.1', [asks(to), dropsSilently], { outcome: 'refused' }],
    ['withdrawn', [asks(to), withdraws], { outcome: 'withdrawn', by: 'bea' }],
    ['withdrawn by a pause', [asks(to), sets('paused')], { outcome: 'withdrawn', by: 'bea' }],
    ['withdrawn by a hold', [asks(to), sets('hold')], { outcome: 'withdrawn', by: 'bea' }],
    [
      'another one ended its term',
      [asks(to), carriesOut('c'), ...leads, asks({ to: 'a' }, 'y'), carriesOut('a', 'y'), ...leads],
      { outcome: 'overtaken', leader: 'a', term: 5 },
    ],
  ])('%s', (_, events, expected) => expect(outcome(events, to)).toMatchObject(expected))
})

describe('the target does not commit', () => {
  const begun = [asks({ to: 'b' }), carriesOut('b'), fences]
  test('the way back is under way, then it has come', () => {
    expect(outcome([...begun, decides], { to: 'b' })).toEqual({ outcome: 'pending' })
    expect(outcome([...begun, decides, fences], { to: 'b' })).toEqual({ outcome: 'pending' })
    expect(outcome([...begun, decides, ...leads], { to: 'b' })).toMatchObject({
      outcome: 'rolled-back',
      leader: 'a',
      term: 5,
    })
  })
  test('nor is the old leader the one that goes on', () => {
    const gone = grants('c', { code: 'no-first-commit', by: 'baton', id: 'x' })
    expect(outcome([...begun, gone, ...leads], { to: 'b' })).toMatchObject({ outcome: 'rolled-back', leader: 'c' })
    // Without a target any other node will do.
    expect(outcome([...begun, gone, ...leads])).toMatchObject({ outcome: 'moved', leader: 'c' })
  })
  test('the way back of version 0.1, which names no switchover', () => {
    const back = grants('a', { code: 'rolled-back', by: 'baton' })
    expect(outcome([...begun, back, ...leads], { to: 'b' })).toMatchObject({ outcome: 'rolled-back', leader: 'a' })
    expect(
      outcomeOf(
        { id: 'x', term: 3 },
        lease({ leader: 'a', term: 5, previousLeader: 'b', cause: { code: 'rolled-back', by: 'baton' } }),
        head({ term: 5, committedTerm: 5 }),
      ),
    ).toMatchObject({ outcome: 'rolled-back' })
  })
  test('the way back of another one is not its own', () => {
    const back = grants('a', { code: 'rolled-back', by: 'baton', id: 'y' })
    expect(
      outcome(
        [
          asks({ to: 'b' }),
          carriesOut('b'),
          ...leads,
          asks({ to: 'c' }, 'y'),
          carriesOut('c', 'y'),
          fences,
          back,
          ...leads,
        ],
        { to: 'b' },
      ),
    ).toMatchObject({ outcome: 'overtaken' })
  })
})

describe('without a target', () => {
  test('a failover that came first has moved it', () => {
    expect(outcome([asks({ notBefore: T - 1 }), failsOver('b'), ...leads])).toMatchObject({
      outcome: 'moved',
      leader: 'b',
      term: 4,
    })
  })
  test('back where it was, it has not', () => {
    expect(outcome([asks(), failsOver('b'), ...leads, failsOver('a'), ...leads])).toMatchObject({
      outcome: 'overtaken',
      leader: 'a',
    })
  })
})

test('nothing is known without the records', () => {
  expect(outcomeOf({ id: 'x', term: 3 }, undefined, head())).toEqual({ outcome: 'pending' })
  expect(outcomeOf({ id: 'x', term: 3 }, lease({ term: 4 }), undefined)).toEqual({ outcome: 'pending' })
})
