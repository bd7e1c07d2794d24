import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import type { Snapshot } from '../../lib/context/inspect.ts'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { enterQuarantine, isAbandoned, isOurs } from '../../lib/operations/crash-recovery/quarantine.ts'
import { confirmReturn } from '../../lib/operations/disaster/return.ts'
import { claimUpgrade } from '../../lib/operations/upgrade/owner.ts'
import { planUpgrade } from '../../lib/operations/upgrade/plan.ts'
import { isUnderWay, readProgress } from '../../lib/operations/upgrade/progress.ts'
import { acts } from '../../lib/operator/acts.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { outcomeOf } from '../../lib/protocol/outcome.ts'
import { kindOf, versionOf } from '../../lib/protocol/quarantine.ts'
import { renderReason } from '../../lib/protocol/reason.ts'
import type { Lease } from '../../lib/protocol/records.ts'
import { absent } from '../../lib/protocol/write.ts'
import { readHead, readHistoryRecord, readLease } from '../../lib/store/dynamo/codec.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderExplanation } from '../../lib/terminal/render-explanation.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { renderHistory } from '../../lib/terminal/render-table.ts'
import reasons from '../fixtures/reasons-0.1.json' with { type: 'json' }
import { hashOf, T, view } from '../protocol/scene.ts'

/**
 * Items as version 0.1 wrote them, by hand: none is made by what is under test. Nodes and times are those of the scene.
 */
type Item = Record<string, AttributeValue>
const S = (text: string) => ({ S: text })
const N = (number: number | bigint) => ({ N: String(number) })
const M = (map: Item) => ({ M: map })

const head: Item = {
  chain: S('901'),
  number: N(100),
  hash: S(hashOf(100n)),
  parentHash: S(hashOf(99n)),
  timestamp: N(T / 1_000),
  l1Origin: M({ number: N(10), hash: S(hashOf(10n, 9)) }),
  payloadRef: S(`901/payloads/100-${hashOf(100n)}-${'0'.repeat(64)}`),
  holder: S('a'),
  term: N(3),
  committedTerm: N(3),
  committedAt: N(T),
  fencedAt: N(T - 60_000),
}

/** A head that followed L1 back: what it was moved back from, and the move with its evidence. */
const movedHead: Item = {
  ...head,
  left: M({ number: N(103), hash: S(hashOf(103n)), parentHash: S(hashOf(102n)) }),
  moved: M({
    from: M({ number: N(103), hash: S(hashOf(103n)) }),
    to: M({ number: N(100), hash: S(hashOf(100n)) }),
    by: M({ kind: S('operator'), name: S('ann') }),
    at: N(T - 60_000),
    why: M({
      code: S('head-placed'),
      evidence: M({ number: S('100'), hash: S(hashOf(100n)), told: S('on 3 of 3 nodes') }),
    }),
  }),
}

const lease: Item = {
  chain: S('901'),
  holder: S('a'),
  term: N(3),
  cause: M({ code: S('consensus-refused'), by: S('baton') }),
  previousHolder: S('b'),
  grantedAt: N(T - 60_000),
  renewedAt: N(T),
  expiresAt: N(T + 6_000),
  mode: S('auto'),
  modeBy: S('ann'),
  modeAt: N(T - 90_000),
  armedAt: N(T - 50_000),
  tried: { L: [] },
  grants: { L: [N(T - 60_000)] },
  cooldownUntil: N(0),
  quarantine: M({}),
  orders: N(12),
}

const since = T - 30_000
const out = (why: string, more: Item = {}, by = 'ann') => M({ since: N(since), why: S(why), by: S(by), ...more })

/** The quarantines of its first records, which knew only words, and of its last ones. */
const OVERRIDE = 'publishes without commits (override): its op-node must be restarted'
const AWAITS = 'its override has ended, and its process does not know: restart its op-node'
const quarantines: readonly (readonly [what: string, first: AttributeValue, last: AttributeValue, kind: string])[] = [
  ['a person', out('bad disk'), out('bad disk', { kind: S('operator') }), 'operator'],
  [
    'a recovery at work',
    out('crash recovery', {}, 'baton'),
    out('crash recovery', { kind: S('recovery'), owner: S('run-7'), heardAt: N(T - 1_000) }, 'baton'),
    'recovery',
  ],
  [
    'a recovery that gave up',
    out('crash recovery failed: nothing helped', {}, 'baton'),
    out('crash recovery failed: nothing helped', { kind: S('recovery-failed') }, 'baton'),
    'recovery-failed',
  ],
  ['an override', out(OVERRIDE), out(OVERRIDE, { kind: S('override') }), 'override'],
  [
    'an upgrade',
    out('upgrade to v2'),
    out('upgrade to v2', { kind: S('upgrade'), version: S('v2'), owner: S('run-8'), heardAt: N(T - 1_000) }),
    'upgrade',
  ],
]

/** The request as its first records had it, and as its last ones. */
const firstRequest: Item = { id: S('x'), to: S('c'), notBefore: N(T + 60_000), by: S('bea'), force: { BOOL: false } }
const lastRequest: Item = { ...firstRequest, askedAt: N(T), latest: N(T + 120_000), order: N(12) }

let seconds = 0
const did = (what: string, { by = 'ann', node, ...more }: { by?: string; node?: string; told?: string } = {}): Item => {
  const at = T - 600_000 + 1_000 * seconds++
  return {
    chain: S('901'),
    id: S(`${new Date(at).toISOString()}#${seconds}`),
    at: N(at),
    actor: M({ kind: S('operator'), name: S(by) }),
    what: S(what),
    term: N(3),
    head: N(90),
    reasons: {
      L: [M({ code: S('upgrade'), evidence: M({ to: S('v2'), told: S(more.told ?? '…') }) })],
    },
    ...(node !== undefined && { node: S(node) }),
  }
}
/** An upgrade that was begun, resumed by another person, and stopped: `c` is done. */
const upgradeHistory: readonly Item[] = [
  did('upgrade-begun', { told: '4 steps' }),
  did('upgrade-node', { node: 'c', told: 'op-node/v1 → op-node/v2; fit after 31 s' }),
  did('upgrade-stopped', { node: 'b', told: 'stopped at b: it is not fit' }),
  did('upgrade-resumed', { by: 'bea', told: '3 steps' }),
  did('upgrade-stopped', { by: 'bea', node: 'b', told: 'stopped at b: it is not fit' }),
]
/** Reasons under the names they had. */
const pages: readonly Item[] = ['turns-fail', 'l1-unwatched'].map((code) => ({
  ...did('page'),
  actor: M({ kind: S('baton'), name: S('baton') }),
  reasons: { L: [M({ code: S(code), evidence: M({ ms: N(15_000), message: S('x'), ageS: N(15) }) })] },
}))

/** A chain with these records, whose nodes are away. */
async function portsOf(leaseItem: Item, history: readonly Item[] = [], headItem: Item = head): Promise<ChainPorts> {
  const nodes = ['a', 'b', 'c'].map((name) => {
    const url = `http://127.0.0.1:59997/${name}`
    return { name, zone: 'z', consensus: url, execution: url, secrets: [`secret-of-${name}-long`] }
  })
  const config = parseConfig(JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes }))
  const stores = memoryStores()
  await stores.heads.write('901', { set: readHead(headItem), when: absent('term') })
  await stores.leases.write('901', { set: readLease(leaseItem), when: absent('term') })
  for (const item of history) await stores.history.append(readHistoryRecord(item))
  const ports = chainPorts(config, { stores, objects: memoryObjects() }, silentLog)
  return { ...ports, clock: { ...ports.clock, now: () => T, monotonic: () => T } }
}

/** What is shown of a chain with these records. */
function shown(leaseItem: Item, history: readonly Item[] = [], headItem: Item = head) {
  const seen = view({ head: readHead(headItem), lease: readLease(leaseItem) })
  const snapshot: Snapshot = {
    chain: { id: '901', name: 'test' },
    view: seen,
    decision: decide(seen),
    history: history.map(readHistoryRecord).reverse(),
    blocks: [],
  }
  const acts = snapshot.decision.commands.map(({ act }) => act)
  return { status: renderStatus(snapshot, plain), explanation: renderExplanation(snapshot, plain), acts, snapshot }
}

const withOut = (entry: AttributeValue, node = 'b', more: Item = {}): Item => ({
  ...lease,
  quarantine: M({ [node]: entry }),
  ...more,
})

describe('a quarantine of version 0.1', () => {
  test.each(quarantines)('%s: what it is, in the first records and in the last', (_, first, last, kind) => {
    for (const entry of [first, last]) {
      const { quarantine } = readLease(withOut(entry))
      expect(quarantine.b && kindOf(quarantine.b)).toBe(kind)
      expect(quarantine.b && versionOf(quarantine.b)).toBe(kind === 'upgrade' ? 'v2' : undefined)
    }
  })

  test.each(quarantines)('%s: status and explain show it, and nothing is moved to the node', (_, first, last) => {
    for (const entry of [first, last]) {
      const { status, explanation, snapshot } = shown(withOut(entry))
      const why = entry.M?.why?.S ?? ''
      expect(status.replace(/\s+/g, ' ')).toContain(why.slice(0, 20))
      expect(explanation).toContain('b')
      expect(snapshot.decision.verdicts.find(({ node }) => node === 'b')?.eligible).toBe(false)
    }
  })

  test('an override keeps Baton from granting; one that has ended does not', () => {
    const failed = { a: { cl: 'refused' } } as const
    for (const [, first, last] of quarantines.filter(([what]) => what === 'an override'))
      for (const entry of [first, last]) {
        const seen = view({ ...failed, lease: readLease(withOut(entry, 'c')) })
        expect(decide(seen).commands.map(({ act }) => act)).not.toContain('grant')
      }
    for (const entry of [out(AWAITS), out(AWAITS, { kind: S('awaits-restart') })])
      expect(
        decide(view({ ...failed, after: 2_500, lease: readLease(withOut(entry, 'c')) })).commands[0],
      ).toMatchObject({
        act: 'grant',
        grant: { to: 'b' },
      })
  })

  test('recover: not while a recovery or an upgrade is at work, nor an override; after a failed one it may', async () => {
    const may = { 'a person': true, 'a recovery that gave up': true } as Readonly<Record<string, boolean>>
    for (const [what, first, last] of quarantines)
      for (const entry of [first, last]) {
        const ports = await portsOf(withOut(entry))
        const recovering = { ports, node: 'b', actor: { kind: 'operator', name: 'cyd' }, owner: 'run-9' } as const
        const entered = await enterQuarantine(recovering as unknown as Parameters<typeof enterQuarantine>[0]).then(
          () => true,
          ({ name }: Error) => name !== 'RefusedActError' && Promise.reject(new Error(name)),
        )
        expect(entered, what).toBe(may[what] ?? false)
      }
  })

  test('recover: what the first records had of Baton’s own is taken up again; what has an owner only once it is silent', () => {
    const [, first, last] = quarantines.find(([what]) => what === 'a recovery at work') ?? []
    const [ours, owned] = [readLease(withOut(first ?? out(''))), readLease(withOut(last ?? out('')))]
    expect([isAbandoned(ours, 'b', T), isAbandoned(owned, 'b', T), isAbandoned(owned, 'b', T + 100_000)]).toEqual([
      true,
      false,
      true,
    ])
    const baton = { node: 'b', actor: { kind: 'baton', name: 'baton' }, owner: 'run-9' } as Parameters<typeof isOurs>[0]
    expect([isOurs(baton, ours), isOurs(baton, owned), isOurs({ ...baton, owner: 'run-7' }, owned)]).toEqual([
      true,
      false,
      true,
    ])
  })

  test('return: from the node that is overridden, and from no other', async () => {
    for (const [, first, last] of quarantines.filter(([what]) => what === 'an override'))
      for (const entry of [first, last]) {
        const ports = await portsOf(withOut(entry, 'b', { mode: S('paused') }))
        const confirm = (node: string) => confirmReturn(ports, { node, hash: hashOf(100n) })
        await expect(confirm('c')).rejects.toThrow('b publishes without commits, by order of ann')
        // It is the node's turn to answer, and it is away.
        await expect(confirm('b')).rejects.not.toMatchObject({ name: 'RefusedActError' })
        await expect(acts.resume.run(ports, {}, 'bea')).rejects.toThrow('b publishes without commits')
      }
  })
})

describe('a switchover of version 0.1', () => {
  test.each([
    ['first', firstRequest],
    ['last', lastRequest],
  ])('status shows it, Baton carries it out when it is due, and it is judged: the %s records', (_, request) => {
    const item = { ...lease, switchover: M(request) }
    expect(shown(item).status).toMatch(/Switchover: +to c/)
    expect(outcomeOf({ id: 'x', term: 3, to: 'c' }, readLease(item), readHead(head))).toEqual({ outcome: 'pending' })
    const due = view({ after: 60_500, lease: readLease(item), head: { committedAt: T + 60_400 } })
    expect(decide({ ...due, headSeenAt: T + 60_400 }).commands[0]).toMatchObject({ act: 'grant', grant: { to: 'c' } })
  })

  test('one that its monitor dropped has left no word, and one it took back names no switchover', () => {
    expect(outcomeOf({ id: 'x', term: 3, to: 'c' }, readLease(lease), readHead(head))).toEqual({ outcome: 'refused' })
    const back = { ...lease, term: N(5), previousHolder: S('c'), cause: M({ code: S('rolled-back'), by: S('baton') }) }
    const after = readHead({ ...head, term: N(5), committedTerm: N(5) })
    expect(outcomeOf({ id: 'x', term: 3, to: 'c', from: 'a' }, readLease(back), after)).toMatchObject({
      outcome: 'rolled-back',
      leader: 'a',
    })
  })

  test('a pause that was set without the number of its order binds what was scheduled after it', () => {
    const paused = { ...lease, mode: S('paused'), modeAt: N(T), switchover: M(firstRequest) }
    const due = view({ after: 60_500, lease: readLease(paused), head: { committedAt: T + 60_400 } })
    expect(decide({ ...due, headSeenAt: T + 60_400 }).commands[0]).toMatchObject({ act: 'refuse-switchover' })
  })
})

describe('an upgrade of version 0.1', () => {
  const stopped = withOut(out('upgrade to v2'), 'b')
  const order = { to: 'v2', by: 'cyd', owner: 'run-9', resume: true }

  test('is resumed where its history has it, and what is resumed is kept on the lease from then on', async () => {
    const ports = await portsOf(stopped, upgradeHistory)
    const progress = await readProgress(ports)
    expect(progress).toMatchObject({ to: 'v2', by: 'bea', done: ['c'], stopped: true })
    const seen = view({ lease: readLease(stopped) })
    expect(
      planUpgrade(seen, order, progress?.done ?? []).steps.map((each) => each.step === 'upgrade' && each.node),
    ).toEqual(['b', false, 'a'])
    await claimUpgrade(ports, order)
    const claimed = (await ports.leases.read('901')) as Lease
    expect(claimed.upgrade).toMatchObject({ to: 'v2', by: 'cyd', owner: 'run-9', done: ['c'] })
    expect(claimed.quarantine.b).toMatchObject({ kind: 'upgrade', version: 'v2', owner: 'run-9' })
    // The history is not asked any more: it may have expired.
    expect(await readProgress({ ...ports, history: memoryStores().history })).toMatchObject({ to: 'v2', done: ['c'] })
  })

  test('its last records name who carries it out, and not what is done: the history does', async () => {
    const upgrade = {
      to: S('v2'),
      by: S('bea'),
      since: N(since),
      heardAt: N(T - 1_000),
      owner: S('run-8'),
      node: S('b'),
    }
    const ports = await portsOf({ ...stopped, upgrade: M(upgrade) }, upgradeHistory)
    expect(await readProgress(ports)).toMatchObject({ to: 'v2', done: ['c'] })
    await expect(claimUpgrade(ports, order)).rejects.toThrow('an upgrade to v2 by bea is under way')
  })

  test('one that was killed said nothing: it is under way until it has been silent for long', async () => {
    const progress = await readProgress(await portsOf(stopped, upgradeHistory.slice(0, 2)))
    if (!progress) throw new Error('it was begun')
    expect(progress).toMatchObject({ by: 'ann', stopped: false })
    expect([isUnderWay(progress, T), isUnderWay(progress, T + 3_600_000)]).toEqual([true, false])
  })

  test('one that came to its end is none', async () => {
    expect(await readProgress(await portsOf(lease, [...upgradeHistory, did('upgrade-done')]))).toBeUndefined()
  })
})

test('a head of version 0.1 that was moved: from where, by whom and why', () => {
  expect(readHead(movedHead)).toMatchObject({
    leader: 'a',
    revertedFrom: { number: 103n, parentHash: hashOf(102n) },
    moved: { from: { number: 103n }, by: { kind: 'operator', name: 'ann' }, why: { code: 'head-placed' } },
  })
  const { status, acts } = shown(lease, [], movedHead)
  expect(status).toMatch(/Head: +100 /)
  expect(acts).not.toContain('grant')
})

test('the history of version 0.1, its reasons under the names they have now', () => {
  const records = [...upgradeHistory, ...pages].map(readHistoryRecord)
  expect(records.slice(-2).map(({ reasons }) => reasons[0]?.code)).toEqual(['monitor-errors', 'l1-rpc-down'])
  const table = renderHistory(records)
  for (const text of ['upgrade-begun', 'upgrade to v2: 4 steps', 'bea']) expect(table).toContain(text)
})

/** The codes of its reasons, and the evidence that each was recorded with. */
test.each(Object.entries(reasons))('the reason %s of version 0.1 has all that its sentence says now', (code, keys) => {
  const evidence = Object.fromEntries(keys.split(' ').map((key) => [key, S('x')]))
  const item = { ...did('page'), reasons: { L: [M({ code: S(code), node: S('b'), evidence: M(evidence) })] } }
  const [read] = readHistoryRecord(item).reasons
  if (!read) throw new Error('it has a reason')
  if (code !== 'operator') expect(read.code).not.toBe('operator')
  expect(renderReason(read)).not.toContain('?')
})
