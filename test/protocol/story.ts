import { damagesOf } from '../../lib/protocol/damage.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { ObservedNode, View } from '../../lib/protocol/decision.ts'
import type { Observation } from '../../lib/protocol/observation.ts'
import { remember } from '../../lib/protocol/observed-node.ts'
import { defaultPolicy, type Policy } from '../../lib/protocol/policy.ts'
import type { Lease } from '../../lib/protocol/records.ts'
import { brief, hashOf, head, l2, lease, T } from './scene.ts'

/** Where a standby stands at slot `k` (block 100 + k is committed then), and what it says of itself. */
export type Standby = {
  at: (k: number) => number
  peers?: number | undefined
  syncing?: boolean
  stored?: boolean
  down?: boolean
  safe?: (k: number) => number
}
export type Story = {
  blockTimeMs?: number
  slots: number
  /** Peers of the leader; `null` = it does not say. */
  peers?: number | null
  standbys: readonly Standby[]
  lease?: Partial<Lease>
  policy?: Partial<Policy>
  /** Slot in which the leader's term began. */
  since?: number
}

export const takes: Standby = { at: (k) => 100 + k }
export const stands: Standby = { at: () => 100 }

/** What is seen after some slots in which the leader committed on time; two looks a slot. */
export function seenAfter({ blockTimeMs = 2_000, slots, peers = 0, standbys, since = -30, ...story }: Story): View {
  const policy = { ...defaultPolicy(blockTimeMs), ...story.policy }
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, standbys.length + 1)
  const observed: Record<string, ObservedNode> = {}
  let now = T
  for (let half = 0; half <= slots * 2; half++) {
    const k = Math.floor(half / 2)
    now = T + (half * blockTimeMs) / 2 + 100
    names.forEach((name, i) => {
      const standby = standbys[i - 1] ?? takes
      const said = i === 0 ? (peers ?? undefined) : 'peers' in standby ? standby.peers : 1
      observed[name] = remember(observed[name], look(name, now, k, standby, said, i === 0, blockTimeMs))
    })
  }
  const committedAt = T + slots * blockTimeMs
  return {
    now,
    policy,
    nodes: names.map((name, i) => ({ name, zone: name, priority: 10 - i, noFailover: false })),
    observed: observed,
    headSeenAt: committedAt + 50,
    head: head({ ...stamped(100 + slots, blockTimeMs), committedAt, fencedAt: T + since * blockTimeMs }),
    lease: lease({ renewedAt: now - 100, expiresAt: now + 6_000, ...story.lease }),
  }
}

const stamped = (number: number, blockTimeMs: number) => ({
  ...l2(BigInt(number)),
  timestamp: BigInt(Math.floor((T + (number - 100) * blockTimeMs) / 1_000)),
})

function look(
  name: string,
  at: number,
  k: number,
  standby: Standby,
  peers: number | undefined,
  sequencing: boolean,
  blockTimeMs: number,
): Observation {
  const unsafe = stamped(standby.at(k), blockTimeMs)
  const l1 = { number: 50n, hash: hashOf(50n, 7), timestamp: BigInt(Math.floor(at / 1_000)) - 1n }
  const safe = stamped(standby.safe?.(k) ?? 90, blockTimeMs)
  if (standby.down) {
    const gone = { ok: false, failure: 'refused', message: 'x' } as const
    return { node: name, at, consensus: gone, execution: gone }
  }
  return {
    node: name,
    at,
    consensus: {
      ok: true,
      value: {
        sequencing,
        conductor: true,
        unsafe,
        safe,
        finalized: stamped(80, blockTimeMs),
        headL1: l1,
        currentL1: l1,
        ...(peers !== undefined && { peers }),
      },
    },
    execution: {
      ok: true,
      value: {
        latest: { number: unsafe.number, hash: unsafe.hash },
        at: { number: BigInt(100 + k), hash: standby.at(k) >= 100 + k ? hashOf(BigInt(100 + k)) : null },
        ...(standby.stored && { stored: { number: unsafe.number + 1n, hash: hashOf(unsafe.number + 1n) } }),
        ...(standby.syncing && { syncing: true, syncMark: String(k) }),
        state: { ok: true },
      },
    },
  }
}

/** A decision in a line, without the blocks that standbys are given. */
export function reported(story: Story) {
  const { acts, ...rest } = brief(decide(seenAfter(story)))
  const others = acts.split(', ').filter((act) => !act.startsWith('top-up'))
  return { ...rest, acts: others.join(', ') }
}

export const damaged = (story: Story) => {
  const view = seenAfter(story)
  return view.nodes.flatMap(({ name }) => damagesOf(view, name).map(({ code }) => `${name} ${code}`))
}
