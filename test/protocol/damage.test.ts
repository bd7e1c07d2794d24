import { describe, expect, test } from 'vitest'
import { damagesOf } from '../../lib/protocol/damage.ts'
import type { ObservedNode, View } from '../../lib/protocol/decision.ts'
import type { ExecutionView, FailureClass, Observation } from '../../lib/protocol/observation.ts'
import { forgetEnds, remember } from '../../lib/protocol/observed-node.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { hashOf, head, l2, T } from './scene.ts'

/** What a look at the node finds; absent = it is well at the committed block. */
type Look = {
  unsafe?: bigint
  latest?: bigint
  branch?: number
  stored?: bigint
  syncing?: boolean
  mark?: string
  state?: string
  cl?: FailureClass
  el?: FailureClass
}

const COMMITTED = 100n

/** The codes of the damage after these looks, a second apart. */
function after(...looks: Look[]) {
  let known: ObservedNode | undefined
  looks.forEach((look, i) => {
    known = remember(known, observation(look, T + i * 1_000))
  })
  const now = T + (looks.length - 1) * 1_000
  const nodes = [{ name: 'a', zone: 'z', priority: 1, noFailover: false }]
  const view: View = { now, policy: defaultPolicy(2_000), nodes, observed: known ? { a: known } : {}, head: head() }
  return damagesOf(view, 'a')
}
const codes = (...looks: Look[]) => after(...looks).map(({ code }) => code)

function observation(look: Look, at: number): Observation {
  const { unsafe = COMMITTED, latest = COMMITTED, branch = 0, stored, syncing, mark, state, cl, el } = look
  const failed = (failure: FailureClass) => ({ ok: false, failure, message: 'x' }) as const
  const execution: ExecutionView = {
    latest: { number: latest, hash: hashOf(latest, branch) },
    at: { number: COMMITTED, hash: latest >= COMMITTED ? hashOf(COMMITTED) : null },
    state: state === undefined ? { ok: true } : { ok: false, message: state },
    ...(stored !== undefined && { stored: { number: stored, hash: hashOf(stored) } }),
    ...(syncing !== undefined && { syncing }),
    ...(mark !== undefined && { syncMark: mark }),
  }
  const l1 = { number: 10n, hash: hashOf(10n), timestamp: BigInt(at) / 1000n }
  const block = l2(unsafe)
  const consensus = { sequencing: false, unsafe: block, safe: l2(0n), finalized: l2(0n), headL1: l1, currentL1: l1 }
  return {
    node: 'a',
    at,
    consensus: cl ? failed(cl) : { ok: true, value: consensus },
    execution: el ? failed(el) : { ok: true, value: execution },
  }
}
const times = (count: number, look: Look): Look[] => Array.from({ length: count }, () => look)

test('a node that works, is down, or was just restarted is not damaged', () => {
  expect(codes(...times(60, {}))).toEqual([])
  expect(codes(...times(60, { cl: 'refused', el: 'refused' }))).toEqual([])
  expect(codes({}, {}, { cl: 'refused' }, { cl: 'refused' }, {})).toEqual([])
})

test('the wedge of op-geth: a stored block above the newest one, its state lost', () => {
  const wedge = { unsafe: 100n, latest: 0n, stored: 1n, syncing: false }
  expect(codes(wedge), 'one look may be a coincidence').toEqual([])
  expect(after({}, wedge, wedge)[0]).toMatchObject({
    code: 'state-lost',
    node: 'a',
    evidence: { number: '0', stored: '1', peak: '100' },
  })
})

test('a client that syncs by itself keeps bodies above its newest block, too: no damage', () => {
  const syncing = (i: number): Look => ({ unsafe: BigInt(i), latest: BigInt(i), stored: BigInt(i + 1), syncing: true })
  expect(codes(...Array.from({ length: 50 }, (_, i) => syncing(i)))).toEqual([])
})

test('a node that catches up, however far behind, is not damaged', () => {
  expect(codes(...Array.from({ length: 60 }, (_, i) => ({ unsafe: BigInt(i), latest: BigInt(i) })))).toEqual([])
})

test('a node that is behind and executes nothing for long is', () => {
  const still = { unsafe: 40n, latest: 40n }
  expect(codes(...times(10, still))).toEqual([])
  expect(codes(...times(17, still))).toEqual(['not-progressing'])
  const hard = (i: number): Look => (i % 3 === 1 ? { el: 'timeout' } : still)
  expect(codes(...Array.from({ length: 25 }, (_, i) => hard(i))), 'looks that time out in between').toContain(
    'not-progressing',
  )
  expect(codes(...times(40, { unsafe: 98n, latest: 98n })), 'two blocks are the way of gossip').toEqual([])
})

describe('a node that syncs by itself', () => {
  const snap = (i: number, more: Look = {}): Look => ({ latest: 0n, syncing: true, mark: `${i}`, ...more })
  const looks = (count: number, look: (i: number) => Look) => Array.from({ length: count }, (_, i) => look(i))

  test.each<[string, (i: number) => Look]>([
    ['a snap sync shows no block for hours', (i) => snap(i)],
    ['something of it moves now and then', (i) => snap(Math.floor(i / 200))],
    ['while op-node names blocks it does not have yet', (i) => snap(i, { unsafe: 100n })],
    ['its newest block has no state yet', (i) => snap(i, { latest: 90n, state: 'missing trie node' })],
    ['it has bodies above', (i) => snap(i, { stored: 1n })],
    ['blocks done, it mends its state', (i) => snap(i, { latest: 96n, syncing: false })],
    ['its op-node does not come up before', (i) => snap(i, { cl: 'timeout' })],
  ])('is not damaged: %s', (_, look) => {
    for (const count of [2, 17, 100, 900]) expect(codes(...looks(count, look)), `${count} s`).toEqual([])
  })

  test('is, once nothing at all has moved for four minutes', () => {
    const stuck = () => snap(0)
    expect(codes(...looks(239, stuck))).toEqual([])
    expect(codes(...looks(260, stuck))).toEqual(['not-progressing', 'clients-disagree'])
    expect(codes(...looks(260, stuck), snap(1))).toEqual([])
  })

  test('and once it says that it syncs no more, and stands', () => {
    expect(codes(...looks(60, (i) => snap(i)), ...times(10, { latest: 0n, unsafe: 0n }))).toEqual([])
    expect(codes(...looks(60, (i) => snap(i)), ...times(18, { latest: 0n, unsafe: 0n }))).toEqual(['not-progressing'])
  })
})

test('a head that fell and does not come back, also where op-node does not come up any more', () => {
  const fallen: Look = { latest: 0n, cl: 'refused' }
  expect(codes({}, ...times(10, fallen))).toEqual([])
  expect(codes({}, ...times(18, fallen))).toEqual(['head-fell'])
  expect(codes({}, ...times(18, { ...fallen, syncing: true })), 'it syncs').toEqual([])
  expect(
    codes({}, ...Array.from({ length: 40 }, (_, i) => ({ unsafe: BigInt(i), latest: BigInt(i) }))),
    'it comes back',
  ).toEqual([])
  expect(codes(...times(40, { latest: 40n, cl: 'refused' })), 'op-node stopped on purpose').toEqual([])
})

test('the state of the newest block cannot be read', () => {
  expect(codes(...times(2, { state: 'missing trie node' }))).toEqual(['state-missing'])
})

test('op-node names another block than its execution client has there', () => {
  expect(codes(...times(10, { branch: 1 }))).toEqual([])
  expect(codes(...times(17, { branch: 1 }))).toEqual(['clients-disagree'])
})

test('a block stored above the newest one in single looks is a client at work', () => {
  const busy = (i: number): Look => ({ latest: BigInt(99 + (i % 2)), ...(i % 2 === 0 && { stored: 100n }) })
  expect(codes(...Array.from({ length: 20 }, (_, i) => busy(i)))).toEqual([])
})

test('ends while the node was kept out do not count', () => {
  const ended = (known: ObservedNode | undefined, look: Look, i: number) =>
    remember(known, observation(look, T + i * 1_000))
  const loop: Look[] = [{}, { cl: 'refused' }, {}, { cl: 'refused' }, {}, { cl: 'refused' }]
  const known = loop.reduce<ObservedNode | undefined>(ended, undefined)
  if (!known) throw new Error('a known is needed')
  expect(known.history?.ends).toHaveLength(3)
  expect(forgetEnds(known)).toMatchObject({ observation: known.observation, history: { ends: [] } })
})

test('op-node ends again and again while its execution client is well', () => {
  const loop: Look[] = [{}, { cl: 'refused' }, {}, { cl: 'refused' }, {}, { cl: 'refused' }]
  expect(codes(...loop.slice(0, 5))).toEqual([])
  expect(codes(...loop)).toEqual(['crash-loop'])
  expect(codes(...loop, ...times(130, {})), 'long over').toEqual([])
  const givenUp: Look[] = [...loop.slice(0, 4), ...times(17, { cl: 'refused' })]
  expect(codes(...givenUp), 'its supervisor has given up').toEqual(['crash-loop'])
  expect(codes({}, ...times(60, { cl: 'refused' })), 'stopped, perhaps on purpose').toEqual([])
  expect(codes({}, ...times(17, { cl: 'refused', el: 'refused' })), 'the host is gone').toEqual([])
  expect(codes({}, ...times(17, { cl: 'timeout' })), 'silence proves nothing').toEqual([])
})
