import type { BlockId, Hash } from '../../lib/protocol/block.ts'
import { seedLease } from '../../lib/protocol/bootstrap.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { Decision, ObservedNode, View } from '../../lib/protocol/decision.ts'
import type {
  Answer,
  ConsensusView,
  ExecutionView,
  FailureClass,
  L2Block,
  NodeConfig,
} from '../../lib/protocol/observation.ts'
import { defaultPolicy, type Policy } from '../../lib/protocol/policy.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'

/** Block 100 of the test chain is due at this moment (Unix ms). */
export const T = 1_700_000_000_000

export const hashOf = (number: bigint, branch = 0): Hash =>
  `0x${(number * 16n + BigInt(branch)).toString(16).padStart(64, '0')}`

export function l2(number: bigint, branch = 0): L2Block {
  return {
    number,
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1n, number - 1n > 90n ? branch : 0),
    timestamp: BigInt(T / 1000) + (number - 100n) * 2n,
    l1Origin: { number: 10n, hash: hashOf(10n, 9) },
  }
}

export function head(changes: Partial<Head> = {}): Head {
  return {
    ...l2(100n),
    chain: '901',
    leader: 'a',
    term: 3,
    committedTerm: 3,
    committedAt: T,
    fencedAt: T - 60_000,
    ...changes,
  }
}

export function lease(changes: Partial<Lease> = {}): Lease {
  const seeded = seedLease('a', 3, { kind: 'baton', name: 'baton' }, T).set as Lease
  return {
    ...seeded,
    chain: '901',
    previousLeader: 'b',
    cause: { code: 'bootstrap', by: 'baton' },
    grantedAt: T - 60_000,
    renewedAt: T,
    expiresAt: T + 6_000,
    armedAt: T - 50_000,
    ...changes,
  }
}

export type NodeScene = {
  at?: BlockId & Partial<L2Block>
  sequencing?: boolean
  conductor?: boolean
  l1?: { number?: bigint; branch?: number; ageMs?: number }
  /** Failure of the consensus (execution) client, and in how many samples in a row. */
  cl?: FailureClass
  el?: FailureClass
  samples?: number
  stateMissing?: boolean
  syncing?: boolean
  /** In so many samples a block was stored above the newest one. */
  stored?: number
  asked?: { number: bigint; hash: Hash | null }
  failedStart?: ObservedNode['failedStart']
}

export function known(name: string, scene: NodeScene = {}, now: number): ObservedNode {
  const unsafe: L2Block = { ...l2(100n), ...scene.at }
  const { number = 50n, branch = 0, ageMs = 1_000 } = scene.l1 ?? {}
  const l1 = { number, hash: hashOf(number, branch), timestamp: BigInt(Math.floor((now - ageMs) / 1000)) }
  const consensus: Answer<ConsensusView> = scene.cl
    ? { ok: false, failure: scene.cl, message: scene.cl }
    : {
        ok: true,
        value: {
          sequencing: scene.sequencing ?? name === 'a',
          conductor: scene.conductor ?? true,
          unsafe,
          safe: l2(90n),
          finalized: l2(80n),
          headL1: l1,
          currentL1: l1,
          peers: 2,
        },
      }
  const execution: Answer<ExecutionView> = scene.el
    ? { ok: false, failure: scene.el, message: scene.el }
    : {
        ok: true,
        value: {
          latest: { number: unsafe.number, hash: unsafe.hash },
          ...(scene.asked && { at: scene.asked }),
          ...(scene.stored && { stored: { number: unsafe.number + 1n, hash: hashOf(unsafe.number + 1n) } }),
          ...(scene.syncing !== undefined && { syncing: scene.syncing }),
          state: scene.stateMissing ? { ok: false, message: 'missing trie node' } : { ok: true },
        },
      }
  const samples = scene.samples ?? 1
  const streak = (failure: FailureClass | undefined) => ({
    result: failure ?? ('ok' as const),
    since: now - 150 * samples,
    samples,
  })
  return {
    observation: { node: name, at: now, consensus, execution },
    consensus: streak(scene.cl),
    execution: streak(scene.el),
    ...(scene.failedStart && { failedStart: scene.failedStart }),
    ...(scene.stored && { history: { ends: [], storedSamples: scene.stored } }),
  }
}

export type Scene = {
  /** ms after the head was committed. */
  after?: number
  head?: Partial<Head> | null
  lease?: Partial<Lease> | null
  policy?: Partial<Policy>
  nodes?: Partial<NodeConfig>[]
  a?: NodeScene | null
  b?: NodeScene | null
  c?: NodeScene | null
  view?: Partial<View>
}

/** A chain of three nodes; `a` holds term 3, block 100 was committed at {@link T}. */
export function view(scene: Scene = {}): View {
  const now = T + (scene.after ?? 500)
  const nodes = ['a', 'b', 'c'].map((name, i) => ({
    name,
    zone: `zone-${name}`,
    priority: 10 - i,
    noFailover: false,
    ...scene.nodes?.[i],
  }))
  const observed: Record<string, ObservedNode> = {}
  for (const name of ['a', 'b', 'c'] as const) {
    const given = scene[name]
    if (given !== null) observed[name] = known(name, given, now)
  }
  return {
    now,
    policy: { ...defaultPolicy(2_000), ...scene.policy },
    nodes,
    observed: observed,
    headSeenAt: scene.head?.committedAt ?? T,
    ...(scene.head !== null && { head: head(scene.head) }),
    ...(scene.lease !== null && { lease: lease(scene.lease) }),
    ...scene.view,
  }
}

export const decideScene = (scene: Scene = {}): Decision => decide(view(scene))

/** A decision in a line: condition, acts with their nodes, codes of the reasons, codes of the page. */
export function brief({ condition, commands, reasons, page, sharedCause }: Decision) {
  const acts = commands.map((c) => {
    const node = c.act === 'grant' ? c.grant.to : 'node' in c ? c.node : ''
    return node ? `${c.act} ${node}` : c.act
  })
  return {
    condition,
    acts: acts.join(', '),
    why: reasons.map(({ code }) => code).join(', '),
    ...(page.length > 0 && { page: page.map(({ code }) => code).join(', ') }),
    ...(sharedCause && { shared: sharedCause.code }),
  }
}
