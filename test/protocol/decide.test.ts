import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { type Series, seriesKey } from '../../lib/protocol/series.ts'
import { formatReasons } from '../../lib/text/format.ts'
import { brief, decideScene, hashOf, l2, type Scene, T } from './scene.ts'

/** What is decided in a scene, as one row: condition, acts, first reason, page. */
function row(scene: Scene) {
  const { condition, acts, why, page, shared } = brief(decideScene(scene))
  return [
    condition,
    acts || '-',
    why.split(', ')[0],
    ...(page ? [`page ${page.split(', ')[0]}`] : []),
    ...(shared ? [`shared ${shared}`] : []),
  ].join(' | ')
}

const dead = { cl: 'refused', el: 'refused' } as const
const frozen = { cl: 'timeout', samples: 2 } as const

describe('a leader that commits', () => {
  test.each<[string, Scene, string]>([
    ['on time: nothing to do', {}, 'ok | - | committing'],
    ['lease a third gone: renewed', { lease: { renewedAt: T - 2_000 } }, 'ok | renew | committing'],
    [
      'renewed by a clock that was hours ahead: renewed by ours',
      { lease: { renewedAt: T + 3_600_000, expiresAt: T + 3_606_000 } },
      'ok | renew | committing',
    ],
    [
      'renewed a moment ago by one a little ahead',
      { lease: { renewedAt: T + 1_000, expiresAt: T + 7_000 } },
      'ok | - | committing',
    ],
    ['first commit of a chain arms it', { lease: { armedAt: 0 } }, 'ok | renew | committing'],
    ['old leader thawed: asked to stop', { b: { sequencing: true } }, 'ok | stop b | committing'],
    ['no standby left: degraded', { b: dead, c: dead }, 'degraded | - | committing'],
    ['late by less than the stall time', { after: 3_000 }, 'degraded | - | late'],
    [
      'a standby with another block at the head: paged for',
      { b: { at: l2(99n, 1) } },
      'ok | - | committing | page forked',
    ],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))
})

describe('a leader that is gone', () => {
  test.each<[string, Scene, string]>([
    [
      'the configuration has it no more, and its block is late',
      { after: 3_000, head: { leader: 'x' }, lease: { leader: 'x' }, a: { sequencing: false } },
      'moving | grant a | not-configured',
    ],
    [
      'the configuration has it no more, but its blocks come',
      { head: { leader: 'x' }, lease: { leader: 'x' }, a: { sequencing: false } },
      'ok | - | committing',
    ],
    [
      'op-node refuses, first look, not late: looked at again',
      { a: { cl: 'refused' } },
      'degraded | - | consensus-refused',
    ],
    [
      'op-node refuses in two samples: replaced',
      { a: { cl: 'refused', samples: 2 } },
      'moving | grant b | consensus-refused',
    ],
    [
      'op-node refuses and a block is late: replaced at once',
      { after: 2_400, a: { cl: 'refused' } },
      'moving | grant b | consensus-refused',
    ],
    ['execution client refuses', { a: { el: 'refused', samples: 2 } }, 'moving | grant b | execution-refused'],
    ['silent but not late: left alone', { a: frozen }, 'degraded | - | consensus-silent'],
    ['silent and late: replaced', { after: 2_400, a: frozen }, 'moving | grant b | consensus-silent'],
    ['silent in one look only', { after: 2_400, a: { cl: 'timeout' } }, 'degraded | - | consensus-silent'],
    [
      'frozen execution client',
      { after: 2_400, a: { el: 'timeout', samples: 2 } },
      'moving | grant b | execution-silent',
    ],
    [
      'op-node refuses in two looks, but a block came after the first: left alone',
      { a: { cl: 'refused', samples: 5 } },
      'degraded | - | consensus-refused',
    ],
    [
      'execution client refuses for long while blocks come: left alone',
      { a: { el: 'refused', samples: 90 } },
      'degraded | - | execution-refused',
    ],
    [
      'refuses while blocks came, and now a block is late: replaced',
      { after: 2_400, a: { cl: 'refused', samples: 90 } },
      'moving | grant b | consensus-refused',
    ],
    ['behind a proxy, not late: left alone', { a: { cl: 'proxy', samples: 9 } }, 'degraded | - | consensus-proxy'],
    ['behind a proxy and late', { after: 2_400, a: { cl: 'proxy', samples: 2 } }, 'moving | grant b | consensus-proxy'],
    ['behind a proxy in one look, late', { after: 2_400, a: { el: 'proxy' } }, 'degraded | - | execution-proxy'],
    ['cut, not late: left alone', { a: { cl: 'reset', samples: 9 } }, 'degraded | - | consensus-reset'],
    ['cut and late', { after: 2_400, a: { el: 'reset', samples: 2 } }, 'moving | grant b | execution-reset'],
    ['silent now and then, and stalled', { after: 9_000, a: { cl: 'proxy' } }, 'moving | grant b | consensus-proxy'],
    ['our credentials fail: no proof', { after: 3_000, a: { cl: 'credential', samples: 9 } }, 'degraded | - | late'],
    ['stalled, lease running: waits', { after: 9_000, lease: { expiresAt: T + 10_000 } }, 'halted | - | lease-running'],
    ['stalled, lease over: replaced', { after: 9_000 }, 'moving | grant b | stalled'],
    [
      'stalled, a lease of a clock that was hours ahead: replaced',
      { after: 9_000, lease: { expiresAt: T + 36_000_000 } },
      'moving | grant b | stalled',
    ],
    [
      'stalled soon after another move: the hold time protects only who commits',
      { after: 9_000, lease: { grants: [T - 5_000], grantedAt: T - 5_000 } },
      'moving | grant b | stalled',
    ],
    [
      'seals beside the head it was given: helped as soon as its block is late',
      { after: 2_400, a: { at: l2(99n) } },
      'moving | start a | sequencing-behind',
    ],
    ['one block behind for a moment after its commit: as it should be', { a: { at: l2(99n) } }, 'ok | - | committing'],
    ['stopped sequencer is started again', { a: { sequencing: false } }, 'moving | start a | not-sequencing'],
    [
      'stopped, a block above its newest one: looked at again before it is given anything',
      { a: { sequencing: false, at: l2(99n), stored: 1 } },
      'degraded | - | state-lost',
    ],
    [
      'stopped, its state lost: replaced, not started',
      { a: { sequencing: false, at: l2(99n), stored: 2 } },
      'moving | grant b | state-lost',
    ],
    [
      'stopped, its state lost, and no other node: left to its recovery',
      { a: { sequencing: false, at: l2(99n), stored: 2 }, b: dead, c: dead },
      'halted | - | no-candidate | page no-candidate',
    ],
    [
      'stopped by a recovery at work on it: replaced, not started',
      { a: { sequencing: false }, lease: { quarantine: { a: { since: T, why: 'crash recovery', by: 'baton' } } } },
      'moving | grant b | quarantined',
    ],
    [
      'stopped, put aside by a person: started again, it still holds the term',
      { a: { sequencing: false }, lease: { quarantine: { a: { since: T, why: 'disk', by: 'ann' } } } },
      'moving | start a | not-sequencing',
    ],
    [
      'refused to start: next candidate',
      { a: { sequencing: false, failedStart: { term: 3, at: T + 400, message: 'forked' } } },
      'moving | grant b | start-failed',
    ],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))

  test('a clock far ahead does not make a committing leader stalled', () => {
    const scene: Scene = { after: 30_000, view: { headSeenAt: T + 29_500 } }
    expect(row(scene)).toBe('degraded | - | late')
  })

  test('a clock far behind still sees a frozen leader', () => {
    const scene: Scene = { after: -30_000, view: { headSeenAt: T - 34_000 }, a: frozen }
    expect(row(scene)).toBe('moving | grant b | consensus-silent')
  })
})

describe('a chain that begins later', () => {
  /** Block 100 says it is from `ms` after its commit; a first commit is awaited. */
  const stamped = (ms: number, after: number): Scene => ({
    after,
    head: { timestamp: BigInt((T + ms) / 1_000), committedTerm: 0, fencedAt: T },
    a: { at: l2(100n) },
  })
  test.each<[string, Scene, string]>([
    ['its first block is not due', stamped(45_000, 20_000), 'moving | - | not-due'],
    ['due, its time runs', stamped(45_000, 45_000 + 2_000 + 5_900), 'moving | - | starting'],
    ['its time is over', stamped(45_000, 45_000 + 2_000 + 6_100), 'moving | grant b | no-first-commit'],
    ['hours ahead', stamped(36_000_000, 20_000_000), 'moving | - | not-due'],
    [
      'one that refuses is replaced all the same',
      { ...stamped(45_000, 9_000), a: dead },
      'moving | grant b | consensus-refused',
    ],
    ['a stamp as usual changes nothing', stamped(0, 6_100), 'moving | grant b | no-first-commit'],
    ['nor does an old one', stamped(-90_000, 6_100), 'moving | grant b | no-first-commit'],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))

  test('it is reported when the block is due, without a page', () => {
    const { reasons, page, wakeAt } = decideScene(stamped(45_000, 4_000))
    expect(formatReasons(reasons)).toContain('a: starting: block 101 is due in 43 s')
    expect(page).toEqual([])
    expect((wakeAt ?? 0) - T).toBe(5_000)
  })

  test.each([250, 1_000, 2_000])('a first deadline at %i ms blocks', (blockTimeMs) => {
    const policy = defaultPolicy(blockTimeMs)
    const at = (after: number) => row({ ...stamped(60_000, after), policy })
    expect(at(60_000 + blockTimeMs + policy.verifyMs - 50)).toBe('moving | - | starting')
    expect(at(60_000 + blockTimeMs + policy.verifyMs + 50)).toBe('moving | grant b | no-first-commit')
  })
})

describe('who is next', () => {
  const gone: Scene = { after: 2_400, a: dead }
  test.each<[string, Scene, string]>([
    ['highest priority', {}, 'grant b'],
    ['not one that is down', { b: dead }, 'grant c'],
    ['not one on another branch', { b: { at: l2(100n, 1) } }, 'grant c'],
    [
      'not one whose execution client has another block at the head',
      { b: { at: l2(99n), asked: { number: 100n, hash: hashOf(100n, 2) } } },
      'grant c',
    ],
    ['not one without its newest state', { b: { stateMissing: true } }, 'grant c'],
    ['not one that syncs by itself', { b: { at: l2(60n), syncing: true } }, 'grant c'],
    ['one at the head that says so is fine', { b: { syncing: true } }, 'grant b'],
    ['not one with nothing but genesis', { b: { at: l2(0n) } }, 'grant c'],
    ['not one whose execution client has only that', { b: { at: l2(0n) }, policy: { maxLag: 10_000n } }, 'grant c'],
    [
      'all of a chain that has only begun have little more',
      { head: { ...l2(20n), timestamp: l2(20n).timestamp }, b: { at: l2(0n) }, c: { at: l2(0n) } },
      'grant b',
    ],
    ['not one without a conductor', { b: { conductor: false } }, 'grant c'],
    ['not one too far behind', { b: { at: l2(10n) }, policy: { maxLag: 50n } }, 'grant c'],
    ['a lag within bounds is fine', { b: { at: l2(95n) } }, 'grant b'],
    [
      'less lag wins at equal priority',
      { nodes: [{}, { priority: 5 }, { priority: 5 }], b: { at: l2(99n) } },
      'grant c',
    ],
    [
      'another zone wins at equal priority and lag',
      { nodes: [{}, { priority: 5, zone: 'zone-a' }, { priority: 5 }] },
      'grant c',
    ],
    ['not a quarantined one', { lease: { quarantine: { b: { since: T, why: 'x', by: 'op' } } } }, 'grant c'],
    ['not one configured noFailover', { nodes: [{}, { noFailover: true }] }, 'grant c'],
    ['not one already tried', { lease: { tried: ['b'] } }, 'grant c'],
    ['not one with another view of L1', { a: {}, b: { l1: { branch: 1 } }, head: { leader: 'c' }, c: dead }, 'grant a'],
    ['not one with a stale L1', { b: { l1: { number: 10n, ageMs: 400_000 } } }, 'grant c'],
  ])('%s', (_, scene, expected) => expect(brief(decideScene({ ...gone, ...scene })).acts).toBe(expected))
})

describe('causes all nodes share move nothing', () => {
  test.each<[string, Scene, string]>([
    [
      'no node answers: Baton is cut off',
      { after: 9_000, a: dead, b: dead, c: frozenBoth() },
      'halted | - | cut-off | page cut-off | shared cut-off',
    ],
    [
      'the gate does not answer',
      { after: 9_000, a: dead, view: { gate: { ok: false, message: 'timeout' } } },
      'halted | - | ingress | page ingress | shared ingress',
    ],
    [
      'L1 frozen: a stall stays',
      { after: 200_000, ...allL1(200_000) },
      'halted | - | l1-frozen | page l1-frozen | shared l1-frozen',
    ],
    [
      'L1 frozen does not save a dead leader',
      { after: 200_000, ...allL1(200_000), a: dead },
      'moving | grant b | consensus-refused | shared l1-frozen',
    ],
    [
      'blocks published without commits',
      { a: { at: l2(103n) }, b: { at: l2(102n) } },
      'degraded | - | commits-missing | page commits-missing | shared commits-missing',
    ],
    [
      'a block that L1 took back was published by commits: a node that still has it is only no candidate',
      {
        head: { revertedFrom: { number: 102n, hash: l2(102n).hash, parentHash: l2(102n).parentHash } },
        b: { at: l2(102n) },
        after: 9_000,
        a: dead,
      },
      'moving | grant c | consensus-refused',
    ],
    [
      'another block at the height of one that L1 took back was not',
      {
        head: { revertedFrom: { number: 102n, hash: l2(102n).hash, parentHash: l2(102n).parentHash } },
        b: { at: l2(102n, 1) },
      },
      'degraded | - | commits-missing | page commits-missing | shared commits-missing',
    ],
    [
      'even when their author is dead',
      { after: 9_000, a: dead, b: { at: l2(102n) } },
      'halted | - | commits-missing | page commits-missing | shared commits-missing',
    ],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))
})

describe('restraint', () => {
  const gone: Scene = { after: 2_400, a: dead }
  test.each<[string, Scene, string]>([
    [
      'the last node sequences beside the head: its last commit came after its restart',
      { after: 9_000, a: { at: l2(99n) }, b: dead, c: dead },
      'moving | start a | no-candidate | page no-candidate',
    ],
    ['paused', { lease: { mode: 'paused' } }, 'halted | - | paused | page paused'],
    ['pinned', { lease: { mode: 'hold' } }, 'halted | - | held | page held'],
    ['budget used up', { lease: { grants: Array(12).fill(T) } }, 'halted | - | budget-used | page budget-used'],
    [
      'nor do those of a clock that was hours ahead',
      { lease: { grants: Array(12).fill(T + 5 * 3_600_000) } },
      'moving | grant b | consensus-refused',
    ],
    [
      'a clock that is a little ahead frees nothing',
      { lease: { grants: Array(12).fill(T + 60_000) } },
      'halted | - | budget-used | page budget-used',
    ],
    [
      'old grants do not count',
      { lease: { grants: Array(12).fill(T - 3_600_001) } },
      'moving | grant b | consensus-refused',
    ],
    ['cooling down', { lease: { cooldownUntil: T + 60_000 } }, 'halted | - | cooldown | page cooldown'],
    [
      'a cool-down of a clock that was hours ahead does not count',
      { lease: { cooldownUntil: T + 36_000_000 } },
      'moving | grant b | consensus-refused',
    ],
    ['everyone tried', { lease: { tried: ['b', 'c'] } }, 'halted | cool-down | all-failed | page all-failed'],
    ['no node eligible', { b: dead, c: { stateMissing: true } }, 'halted | - | no-candidate | page no-candidate'],
    [
      'a stopped sequencer stays stopped while paused',
      { after: 500, a: { sequencing: false }, lease: { mode: 'paused' } },
      'halted | - | paused | page paused',
    ],
    [
      'a fenced sequencer is left alone while paused',
      { after: 500, a: {}, b: { sequencing: true }, lease: { mode: 'paused' } },
      'ok | - | committing',
    ],
  ])('%s', (_, scene, expected) => expect(row({ ...gone, ...scene })).toBe(expected))
})

describe('half-done work is finished', () => {
  const granted = { leader: 'b', term: 4, previousLeader: 'a' }
  const fenced = { leader: 'b', term: 4, fencedAt: T + 400 }
  test.each<[string, Scene, string]>([
    ['granted but not fenced', { lease: granted }, 'moving | fence b | fence-pending'],
    ['even while paused', { lease: { ...granted, mode: 'paused' } }, 'moving | fence b | fence-pending'],
    ['fenced but not started', { lease: granted, head: fenced }, 'moving | start b | not-sequencing'],
    [
      'started, first commit awaited',
      { lease: granted, head: fenced, b: { sequencing: true } },
      'moving | - | starting',
    ],
    [
      'no first commit in time: next, and the failed one is remembered',
      { after: 9_000, lease: granted, head: fenced, b: { sequencing: true }, view: { headSeenAt: T + 400 } },
      'moving | grant a | no-first-commit',
    ],
    [
      'leader died before its first commit',
      { lease: granted, head: fenced, b: { cl: 'refused' } },
      'moving | grant a | consensus-refused',
    ],
    ['head fenced further than the lease', { head: { term: 5, leader: 'c' } }, 'moving | follow-head | lease-behind'],
    ['lease lost', { lease: null }, 'moving | seed-lease | lease-missing'],
    ['head lost: a person must name it', { head: null }, 'halted | - | head-missing | page head-missing'],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))

  test.each<[string, Partial<Series>, Scene, string]>([
    ['it has just taken all it lacked: its first block is due', {}, {}, 'moving | - | starting'],
    ['and it has as long as a stall', {}, { after: 14_900 }, 'moving | - | starting'],
    ['no longer', {}, { after: 15_100 }, 'moving | grant a | no-first-commit'],
    ['a second start gives it no more time', { count: 2 }, {}, 'moving | grant a | no-first-commit'],
    ['nor one of another term', { term: 3 }, {}, 'moving | grant a | no-first-commit'],
    ['nor one by a clock that was ahead', { last: T + 9_000_000 }, {}, 'moving | grant a | no-first-commit'],
    [
      'nor one that failed',
      {},
      { b: { sequencing: true, failedStart: { term: 4, at: T + 8_900, message: 'x' } } },
      'moving | grant a | no-first-commit',
    ],
    [
      'nor after a switchover: there the former leader is ready',
      {},
      { lease: { ...granted, cause: { code: 'switchover', by: 'ann' } } },
      'moving | grant a | rolled-back',
    ],
  ])('a start that took longer than a first commit may: %s', (_, changes, scene, expected) => {
    const last = T + 8_950
    const one: Series = { act: 'start', node: 'b', count: 1, first: last, last, term: 4, head: 100n, ...changes }
    const acts = { [seriesKey('start', 'b')]: one }
    const started = { after: 9_000, lease: granted, head: fenced, b: { sequencing: true } }
    expect(row({ ...started, ...scene, view: { headSeenAt: T + 400, acts } })).toBe(expected)
  })

  test('the round goes on with those not tried yet', () => {
    const scene: Scene = { lease: granted, head: fenced, b: { cl: 'refused' } }
    const [command] = decideScene(scene).commands
    expect(command).toMatchObject({ act: 'grant', grant: { to: 'a', sameRound: true, overLease: true } })
  })
})

describe('switchover', () => {
  const ask = (changes: object = {}) => ({ switchover: { id: '1', notBefore: 0, by: 'ann', force: false, ...changes } })
  test.each<[string, Scene, string]>([
    ['just after a commit: now', { lease: ask() }, 'moving | grant b | switchover'],
    ['to a named node', { lease: ask({ to: 'c' }) }, 'moving | grant c | switchover'],
    ['late in a slot: waits for the next commit', { after: 1_500, lease: ask() }, 'ok | - | committing'],
    ['scheduled', { lease: ask({ notBefore: T + 60_000 }) }, 'ok | - | committing'],
    ['while paused', { lease: { mode: 'paused', ...ask() } }, 'moving | grant b | switchover'],
    ['to the leader: refused', { lease: ask({ to: 'a' }) }, 'moving | refuse-switchover | switchover-refused'],
    ['to an unknown node: refused', { lease: ask({ to: 'x' }) }, 'moving | refuse-switchover | switchover-refused'],
    [
      'to a dead node: refused even by force',
      { lease: ask({ to: 'c', force: true }), c: dead },
      'moving | refuse-switchover | switchover-refused',
    ],
    [
      'to a lagging node: refused',
      { lease: ask({ to: 'c' }), c: { at: l2(90n) } },
      'moving | refuse-switchover | switchover-refused',
    ],
    [
      'to a lagging node by force',
      { lease: ask({ to: 'c', force: true }), c: { at: l2(90n) } },
      'moving | grant c | switchover',
    ],
    [
      'to a quarantined node by force',
      { lease: { ...ask({ to: 'c', force: true }), quarantine: { c: { since: T, why: '', by: '' } } } },
      'moving | grant c | switchover',
    ],
    ['leader dead: no boundary to wait for', { after: 2_400, a: dead, lease: ask() }, 'moving | grant b | switchover'],
    ...(['switchover', 'consensus-refused'] as const).map((code): [string, Scene, string] => [
      `no first commit in the slot after a ${code === 'switchover' ? 'switchover: back at once' : 'failover: patience'}`,
      {
        after: 3_000,
        lease: { leader: 'c', term: 4, previousLeader: 'a', cause: { code, by: 'ann' } },
        head: { leader: 'c', term: 4, fencedAt: T + 300 },
        c: { sequencing: true },
        view: { headSeenAt: T + 300 },
      },
      code === 'switchover' ? 'moving | grant a | rolled-back' : 'moving | - | starting',
    ]),
    [
      'target does not commit: back to the old leader, even while paused',
      {
        after: 9_000,
        lease: { leader: 'c', term: 4, previousLeader: 'a', mode: 'paused', cause: { code: 'switchover', by: 'ann' } },
        head: { leader: 'c', term: 4, fencedAt: T + 100 },
        c: { sequencing: true },
        view: { headSeenAt: T + 100 },
      },
      'moving | grant a | rolled-back',
    ],
  ])('%s', (_, scene, expected) => expect(row(scene)).toBe(expected))
})

describe('bootstrap', () => {
  const none: Scene = { after: 7_000, head: null, lease: null, a: { sequencing: false } }
  const tonight = { id: 's', to: 'c', notBefore: T + 3_600_000, by: 'ann', force: false }
  test.each<[string, Scene, string]>([
    ['all agree and none sequences: seeded', {}, 'moving | seed | bootstrap'],
    ['the newest block is young: another may be on its way', { after: 5_000 }, 'observing | - | bootstrap-wait'],
    ['one sequences elsewhere: observed', { a: { sequencing: true } }, 'observing | - | bootstrap-wait'],
    [
      'records lost: nothing is made up',
      { view: { lostRecords: true } },
      'halted | - | records-lost | page records-lost',
    ],
    ['one does not answer', { c: dead }, 'observing | - | bootstrap-wait'],
    ['one runs without a conductor', { c: { conductor: false } }, 'observing | - | bootstrap-wait'],
    ['heads on two branches', { c: { at: l2(100n, 1) } }, 'observing | - | bootstrap-wait'],
    ['one behind, not yet proven', { c: { at: l2(99n) } }, 'observing | - | bootstrap-wait'],
    [
      'one behind, its head on the chain of the highest',
      { c: { at: l2(99n) }, view: { linked: [hashOf(99n)] } },
      'moving | seed | bootstrap',
    ],
    [
      'three heights, all on the chain of the highest',
      { b: { at: l2(95n) }, c: { at: l2(99n) }, view: { linked: [hashOf(95n), hashOf(99n)] } },
      'moving | seed | bootstrap',
    ],
    [
      'three heights, one not yet proven',
      { b: { at: l2(95n) }, c: { at: l2(99n) }, view: { linked: [hashOf(95n)] } },
      'observing | - | bootstrap-wait',
    ],
    [
      'seeded, with no leader: the best node is granted',
      { head: { leader: '', term: 0, committedTerm: 0 }, lease: { leader: '', term: 0, previousLeader: '' } },
      'moving | grant a | eligible',
    ],
    [
      'seeded, a switchover is scheduled: the best node is granted meanwhile',
      {
        head: { leader: '', term: 0, committedTerm: 0 },
        lease: { leader: '', term: 0, previousLeader: '', switchover: tonight },
      },
      'moving | grant a | eligible',
    ],
    [
      'seeded, to be given to a node in a moment: it is waited for',
      {
        head: { leader: '', term: 0, committedTerm: 0 },
        lease: { leader: '', term: 0, previousLeader: '', switchover: { ...tonight, notBefore: T + 9_000 } },
      },
      'observing | - | switchover-scheduled',
    ],
  ])('%s', (_, scene, expected) => expect(row({ ...none, ...scene })).toBe(expected))
})

function frozenBoth() {
  return { cl: 'timeout', el: 'timeout' } as const
}

function allL1(ageMs: number): Scene {
  return { a: { l1: { ageMs } }, b: { l1: { ageMs } }, c: { l1: { ageMs } } }
}
