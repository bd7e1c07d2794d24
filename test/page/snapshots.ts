import type { CommittedBlock, Snapshot } from '../../lib/context/inspect.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import type { Decision, ObservedNode, Verdict } from '../../lib/protocol/decision.ts'
import type { Answer, ConsensusView, ExecutionView, FailureClass, NodeConfig } from '../../lib/protocol/observation.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { Head, HistoryRecord, Lease } from '../../lib/protocol/records.ts'

/** The moment of every snapshot here: 2026-11-21 03:12:07.250 UTC. */
export const NOW = Date.UTC(2026, 10, 21, 3, 12, 7, 250)
const BLOCK_TIME = 2_000
const HEAD = 41_234_567n

/** A hash that shows its number and, for another branch, its salt. */
export function hashOf(number: bigint, salt = 0n): Hash {
  return `0x${(number * 0x9e3779b97f4a7c15n + salt * 0xd1b54a32d192ed03n + 0x1234567890abcdefn).toString(16).padStart(64, '7').slice(-64)}`
}

export const nodes: readonly NodeConfig[] = [
  { name: 'seq-a', zone: 'use1-az1', priority: 100, noFailover: false },
  { name: 'seq-b', zone: 'use1-az2', priority: 90, noFailover: false },
  { name: 'seq-c', zone: 'use1-az4', priority: 80, noFailover: false },
]

const l1 = { number: 23_456_789n, hash: hashOf(23_456_789n), timestamp: BigInt(Math.floor(NOW / 1000)) - 7n }

type Look = {
  at?: bigint
  salt?: bigint
  sequencing?: boolean
  consensus?: FailureClass
  execution?: FailureClass
}

/** What is remembered of a node that was seen at block `at`, or whose clients fail so. */
export function observedAs(
  node: string,
  { at = HEAD, salt = 0n, sequencing = false, ...failures }: Look = {},
): ObservedNode {
  const block = (number: bigint, salt = 0n) => ({
    number,
    hash: hashOf(number, salt),
    parentHash: hashOf(number - 1n, salt),
    timestamp: BigInt(Math.floor(NOW / 1000)) - (HEAD - number) * 2n,
    l1Origin: l1,
  })
  const consensus: ConsensusView = {
    sequencing,
    conductor: true,
    unsafe: block(at, salt),
    safe: block(HEAD - 61n),
    finalized: block(HEAD - 402n),
    headL1: l1,
    currentL1: { ...l1, number: l1.number - 3n },
    peers: 2,
  }
  const execution: ExecutionView = { latest: block(at, salt), state: { ok: true } }
  const answer = <T>(value: T, failure?: FailureClass): Answer<T> =>
    failure ? { ok: false, failure, message: `connect ${failure} 10.0.1.7:9545` } : { ok: true, value }
  const streak = (failure?: FailureClass) => ({ result: failure ?? ('ok' as const), since: NOW - 900, samples: 4 })
  return {
    observation: {
      node,
      at: NOW - 30,
      consensus: answer(consensus, failures.consensus),
      execution: answer(execution, failures.execution),
    },
    consensus: streak(failures.consensus),
    execution: streak(failures.execution),
  }
}

/** Committed blocks, newest first, from the given ages (ms before NOW) and leaders. */
export function blocksAt(ages: readonly number[], leaderAt: (age: number) => [string, number]): CommittedBlock[] {
  return ages.map((age, i) => {
    const number = HEAD - BigInt(i)
    const [leader, term] = leaderAt(age)
    return {
      number,
      hash: hashOf(number),
      parentHash: hashOf(number - 1n),
      timestamp: BigInt(Math.floor((NOW - age) / 1000)),
      l1Origin: { number: l1.number - 4n - BigInt(Math.floor(i / 6)), hash: hashOf(l1.number - 4n) },
      leader,
      term,
      committedAt: NOW - age,
    }
  })
}

const every = (count: number, first: number) => Array.from({ length: count }, (_, i) => first + i * BLOCK_TIME)

export const head: Head = {
  chain: 'op-901',
  number: HEAD,
  hash: hashOf(HEAD),
  parentHash: hashOf(HEAD - 1n),
  timestamp: BigInt(Math.floor(NOW / 1000)),
  leader: 'seq-a',
  term: 7,
  committedTerm: 7,
  committedAt: NOW - 1_100,
  fencedAt: NOW - 47 * 60_000,
}

export const lease: Lease = {
  chain: 'op-901',
  leader: 'seq-a',
  term: 7,
  cause: { code: 'switchover', by: 'ada' },
  previousLeader: 'seq-c',
  grantedAt: NOW - 47 * 60_000,
  renewedAt: NOW - 1_000,
  expiresAt: NOW + 5_000,
  mode: 'auto',
  modeBy: 'ada',
  modeAt: NOW - 26 * 3_600_000,
  armedAt: NOW - 9 * 86_400_000,
  tried: [],
  grants: [NOW - 47 * 60_000],
  cooldownUntil: 0,
  orders: 0,
  quarantine: {},
}

export const verdicts: readonly Verdict[] = [
  {
    node: 'seq-a',
    role: 'leading',
    eligible: true,
    lag: 0n,
    reasons: [reason('committing', { number: '41234567' }, 'seq-a')],
  },
  {
    node: 'seq-b',
    role: 'standby',
    eligible: true,
    lag: 0n,
    reasons: [reason('eligible', { lag: '0', priority: 90 }, 'seq-b')],
  },
  {
    node: 'seq-c',
    role: 'standby',
    eligible: true,
    lag: 1n,
    reasons: [reason('eligible', { lag: '1', priority: 80 }, 'seq-c')],
  },
]

const record = (ago: number, what: string, extra: Partial<HistoryRecord>): HistoryRecord => ({
  chain: 'op-901',
  id: `${new Date(NOW - ago).toISOString()}#${what}`,
  at: NOW - ago,
  actor: { kind: 'baton', name: 'monitor-1' },
  what,
  term: 7,
  head: HEAD - BigInt(Math.floor(ago / BLOCK_TIME)),
  reasons: [],
  ...extra,
})

export const history: readonly HistoryRecord[] = [
  record(46.9 * 60_000, 'start', {
    node: 'seq-a',
    reasons: [reason('operator', { message: 'sequencer started at the head' })],
  }),
  record(47 * 60_000, 'fence', { node: 'seq-a', reasons: [reason('fence-pending', { term: 7, headTerm: 6 })] }),
  record(47 * 60_000, 'grant', { node: 'seq-a', reasons: [reason('switchover', { by: 'ada' })] }),
  record(47.1 * 60_000, 'switchover', {
    actor: { kind: 'operator', name: 'ada' },
    term: 6,
    node: 'seq-a',
    reasons: [reason('operator', { message: 'seq-c needs its disk replaced' })],
  }),
  record(26 * 3_600_000, 'resume', { actor: { kind: 'operator', name: 'ada' }, term: 6 }),
  record(26.2 * 3_600_000, 'refuse', {
    term: 6,
    node: 'seq-b',
    reasons: [reason('paused', { by: 'ada' }), reason('late', { number: '41187000', lateMs: 4210 }, 'seq-c')],
  }),
  record(26.5 * 3_600_000, 'pause', { actor: { kind: 'operator', name: 'ada' }, term: 6 }),
]

const decision: Decision = {
  condition: 'ok',
  commands: [],
  reasons: [reason('committing', { number: '41234567' }, 'seq-a')],
  page: [],
  verdicts,
  wakeAt: NOW + 1_200,
}

/** All is well: seq-a commits on time since a switchover; before it, nothing was missed. */
export const happy: Snapshot = {
  chain: { id: 'op-901', name: 'Devnet 901' },
  view: {
    now: NOW,
    policy: defaultPolicy(BLOCK_TIME),
    nodes,
    observed: {
      'seq-a': observedAs('seq-a', { sequencing: true }),
      'seq-b': observedAs('seq-b'),
      'seq-c': observedAs('seq-c', { at: HEAD - 1n }),
    },
    head,
    lease,
    gate: { ok: true },
  },
  decision,
  monitor: { owner: 'monitor-1', since: NOW - 3 * 3_600_000, until: NOW + 2_000 },
  history,
  blocks: blocksAt(every(70, 1_100), () => ['seq-a', 7]),
}

/** seq-a died 6.4 s ago; seq-b was granted term 8 and fenced, and has yet to commit. */
export const failover: Snapshot = {
  ...happy,
  view: {
    ...happy.view,
    observed: { ...happy.view.observed, 'seq-a': observedAs('seq-a', { consensus: 'refused', execution: 'timeout' }) },
    head: {
      ...head,
      leader: 'seq-b',
      term: 8,
      fencedAt: NOW - 300,
      committedAt: NOW - 6_400,
      timestamp: BigInt(Math.floor((NOW - 6_400) / 1000)),
    },
    lease: {
      ...lease,
      leader: 'seq-b',
      previousLeader: 'seq-a',
      term: 8,
      cause: { code: 'consensus-refused', by: 'monitor-1' },
      grantedAt: NOW - 350,
      grants: [...lease.grants, NOW - 350],
    },
  },
  decision: {
    condition: 'moving',
    commands: [{ act: 'start', node: 'seq-b', term: 8, reasons: [reason('starting', { ageMs: 300 }, 'seq-b')] }],
    reasons: [reason('starting', { ageMs: 300 }, 'seq-b')],
    page: [],
    verdicts: [
      {
        node: 'seq-a',
        role: 'down',
        eligible: false,
        reasons: [
          reason('consensus-refused', { message: 'connect ECONNREFUSED 10.0.1.7:9545' }, 'seq-a'),
          reason('execution-silent', { ageMs: 900 }, 'seq-a'),
        ],
      },
      {
        node: 'seq-b',
        role: 'starting',
        eligible: true,
        lag: 0n,
        reasons: [reason('starting', { ageMs: 300 }, 'seq-b')],
      },
      {
        node: 'seq-c',
        role: 'standby',
        eligible: true,
        lag: 1n,
        reasons: [reason('eligible', { lag: '1', priority: 80 }, 'seq-c')],
      },
    ],
    wakeAt: NOW + 150,
  },
  history: [
    record(320, 'fence', { term: 8, node: 'seq-b', reasons: [reason('fence-pending', { term: 8, headTerm: 7 })] }),
    record(350, 'grant', {
      term: 8,
      node: 'seq-b',
      reasons: [
        reason('consensus-refused', { message: 'connect ECONNREFUSED 10.0.1.7:9545' }, 'seq-a'),
        reason('late', { number: '41234568', lateMs: 4050 }, 'seq-a'),
      ],
    }),
    ...history,
  ],
  blocks: blocksAt(every(70, 6_400), () => ['seq-a', 7]),
}

/** The failover has been over for 20 s: three slots were missed. */
export const recovered: Snapshot = {
  ...failover,
  view: {
    ...failover.view,
    head: { ...head, leader: 'seq-b', term: 8, committedTerm: 8, fencedAt: NOW - 22_000, committedAt: NOW - 900 },
    lease: { ...(failover.view.lease ?? lease), grantedAt: NOW - 22_100 },
    observed: { ...failover.view.observed, 'seq-b': observedAs('seq-b', { sequencing: true }) },
  },
  decision: {
    ...decision,
    condition: 'degraded',
    reasons: [reason('committing', { number: '41234567' }, 'seq-b')],
    page: [reason('consensus-refused', { message: 'connect ECONNREFUSED 10.0.1.7:9545' }, 'seq-a')],
    verdicts: [
      {
        node: 'seq-a',
        role: 'down',
        eligible: false,
        reasons: [reason('consensus-refused', { message: 'connect ECONNREFUSED 10.0.1.7:9545' }, 'seq-a')],
      },
      {
        node: 'seq-b',
        role: 'leading',
        eligible: true,
        lag: 0n,
        reasons: [reason('committing', { number: '41234567' }, 'seq-b')],
      },
      {
        node: 'seq-c',
        role: 'standby',
        eligible: true,
        lag: 1n,
        reasons: [reason('eligible', { lag: '1', priority: 80 }, 'seq-c')],
      },
    ],
  },
  blocks: blocksAt([...every(11, 900), ...every(60, 27_900)], (age) => (age < 25_000 ? ['seq-b', 8] : ['seq-a', 7])),
}

/** The L1 stands still for every node: nothing is moved. */
export const sharedCause: Snapshot = {
  ...happy,
  view: {
    ...happy.view,
    head: { ...head, committedAt: NOW - 31_000, timestamp: BigInt(Math.floor((NOW - 31_000) / 1000)) },
  },
  decision: {
    ...decision,
    condition: 'halted',
    reasons: [reason('stalled', { ageMs: 31_000 }, 'seq-a')],
    sharedCause: reason('l1-frozen', { ageS: 184 }),
    page: [reason('l1-frozen', { ageS: 184 })],
    verdicts: [
      {
        node: 'seq-a',
        role: 'failing',
        eligible: false,
        lag: 0n,
        reasons: [reason('stalled', { ageMs: 31_000 }, 'seq-a')],
      },
      ...verdicts.slice(1),
    ],
  },
  blocks: blocksAt(every(60, 31_000), () => ['seq-a', 7]),
}

/** seq-c is on another branch at the height of the head. */
export const forked: Snapshot = {
  ...happy,
  view: {
    ...happy.view,
    observed: { ...happy.view.observed, 'seq-c': observedAs('seq-c', { salt: 1n, sequencing: true }) },
  },
  decision: {
    ...decision,
    condition: 'degraded',
    page: [reason('forked', { number: String(HEAD), hash: hashOf(HEAD, 1n), committed: hashOf(HEAD) }, 'seq-c')],
    verdicts: [
      ...verdicts.slice(0, 2),
      {
        node: 'seq-c',
        role: 'fenced',
        eligible: false,
        lag: 0n,
        reasons: [
          reason('forked', { number: String(HEAD), hash: hashOf(HEAD, 1n), committed: hashOf(HEAD) }, 'seq-c'),
          reason('fenced-sequencing', {}, 'seq-c'),
        ],
      },
    ],
  },
}

/** An operator paused Baton and left a switchover for later. */
export const paused: Snapshot = {
  ...happy,
  view: {
    ...happy.view,
    lease: {
      ...lease,
      mode: 'paused',
      modeBy: 'grace',
      modeAt: NOW - 12 * 60_000,
      switchover: { id: 's1', to: 'seq-b', notBefore: NOW + 48 * 60_000, by: 'grace', force: false },
    },
  },
  decision: { ...decision, reasons: [reason('paused', { by: 'grace' }), ...decision.reasons] },
}

/** First second of the first start: no record, no look, no block. */
export const unknown: Snapshot = {
  chain: happy.chain,
  view: { now: NOW, policy: defaultPolicy(BLOCK_TIME), nodes, observed: {} },
  decision: {
    condition: 'observing',
    commands: [],
    reasons: [reason('bootstrap-wait', { message: 'no node was observed yet' })],
    page: [],
    verdicts: nodes.map(({ name }) => ({
      node: name,
      role: 'down',
      eligible: false,
      reasons: [reason('never-seen', {}, name)],
    })),
  },
  history: [],
  blocks: [],
}

/** Two hundred lines of history. */
export const longHistory: Snapshot = {
  ...happy,
  history: Array.from({ length: 200 }, (_, i) =>
    record(i * 61_000, i % 3 === 0 ? 'grant' : 'start', {
      id: `r${i}`,
      node: nodes[i % 3]?.name ?? '',
      term: 200 - i,
      reasons: [reason('no-first-commit', { ageMs: 6_000 + i }, nodes[(i + 1) % 3]?.name)],
    }),
  ),
}

export const snapshots = { happy, failover, recovered, sharedCause, forked, paused, unknown, longHistory }
