import { describe, expect, test } from 'vitest'
import { coolDown } from '../../lib/protocol/control.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { Command, ObservedNode, View } from '../../lib/protocol/decision.ts'
import { fence, grant } from '../../lib/protocol/grant.ts'
import type { L1View } from '../../lib/protocol/l1.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import { brief, hashOf, head, known, l2, lease, type NodeScene, T } from './scene.ts'

/** L1 at the origin of the head stands, and our own endpoint knows for how long blocks can be built on it. */
const drift = (leftS: number, headMs?: number): L1View => {
  const tip = { number: 100n, timestamp: l2(100n).timestamp, l1Origin: l2(100n).l1Origin }
  const origin = { ...tip.l1Origin, timestamp: tip.timestamp - 1_800n + BigInt(leftS + 2) }
  const l1 = { number: 50n, hash: hashOf(50n), timestamp: BigInt(Math.floor((headMs ?? T - 400_000) / 1_000)) }
  return {
    limits: { window: 3_600n, maxDriftS: 1_800, slotMs: 12_000 },
    sample: { at: T, head: l1, tip: { block: tip, origin } },
  }
}

type Setting = {
  nodes: number
  blockTimeMs: number
  /** Age of the newest L1 block that any node knows, at T and while it stands. */
  l1AgeMs: number
  l1?: L1View
  leader?: NodeScene
  lease?: Partial<Lease>
}

/** A chain whose leader was just granted and commits nothing, minute after minute. */
function standing({ nodes: count, blockTimeMs, l1AgeMs, l1, leader, ...changes }: Setting) {
  const names = ['a', 'b', 'c', 'd', 'e'].slice(0, count)
  const nodes = names.map((name, i) => ({ name, zone: name, priority: 10 - i, noFailover: false }))
  const policy = defaultPolicy(blockTimeMs)
  let present = {
    head: head({ leader: 'a', term: 4, fencedAt: T }),
    lease: lease({ leader: 'a', term: 4, cause: { code: 'consensus-refused', by: 'baton' }, ...changes.lease }),
  }
  let seenAt = T
  const viewAt = (now: number, ageMs: number): View => {
    const observed: Record<string, ObservedNode> = Object.fromEntries(
      names.map((name) => {
        const leads = name === present.head.leader
        return [name, known(name, { sequencing: leads, l1: { ageMs }, ...(leads && leader) }, now)]
      }),
    )
    return { now, policy, nodes, observed, headSeenAt: seenAt, ...present, ...(l1 && { l1 }) }
  }
  const carryOut = (command: Command, now: number) => {
    const { head: at, lease: held } = present
    if (command.act === 'grant') {
      const next = { ...held, ...grant(held, command.grant, now).set } as Lease
      present = { lease: next, head: { ...at, ...fence(next.leader, next.term, now).set } as Head }
      seenAt = now
    }
    if (command.act === 'cool-down') present = { ...present, lease: { ...held, ...coolDown(held, command.until).set } }
  }
  return {
    /** For so many minutes; with the grants it came to, and what the last decision was. */
    run(minutes: number, ageMs = l1AgeMs) {
      let grants = 0
      let last = ''
      for (let now = T + 500; now < T + minutes * 60_000; now += 500) {
        const decision = decide(viewAt(now, ageMs))
        for (const command of decision.commands) carryOut(command, now)
        grants += decision.commands.filter(({ act }) => act === 'grant').length
        const { condition, page = '-' } = brief(decision)
        last = `${condition} | ${page}`
      }
      return { grants, last }
    },
  }
}

const fleets = [1, 2, 5].flatMap((nodes) => [250, 1_000, 2_000].map((blockTimeMs) => ({ nodes, blockTimeMs })))

describe('a leader without a first commit while L1 stands still', () => {
  test.each(fleets)('$nodes nodes, $blockTimeMs ms: no move, and the page says why', (fleet) => {
    const { grants, last } = standing({ ...fleet, l1AgeMs: 400_000 }).run(12)
    expect(grants).toBe(0)
    expect(last).toBe('halted | l1-frozen, no-first-commit')
  })

  test.each(fleets)('$nodes nodes, $blockTimeMs ms: L1 advances, their endpoint does not', (fleet) => {
    const l1 = drift(-5, T + 3_600_000)
    const { grants, last } = standing({ ...fleet, l1AgeMs: 400_000, l1 }).run(12)
    expect(grants).toBe(0)
    expect(last).toMatch(/^halted \| l1-endpoint, no-first-commit/)
  })

  test.each(fleets)('$nodes nodes, $blockTimeMs ms: the budget is left for what comes after', (fleet) => {
    const chain = standing({ ...fleet, l1AgeMs: 400_000 })
    chain.run(12)
    const { grants } = chain.run(2, 1_000)
    expect(grants > 0).toBe(fleet.nodes > 1)
  })

  test.each(fleets)('$nodes nodes, $blockTimeMs ms: blocks can still be built on that origin', (fleet) => {
    const { grants } = standing({ ...fleet, l1AgeMs: 400_000, l1: drift(600) }).run(1)
    expect(grants > 0).toBe(fleet.nodes > 1)
  })

  test.each(fleets)('$nodes nodes, $blockTimeMs ms: a leader that died is replaced all the same', (fleet) => {
    const leader = { cl: 'refused', el: 'refused', samples: 2 } as const
    const { grants } = standing({ ...fleet, l1AgeMs: 400_000, leader }).run(1)
    expect(grants > 0).toBe(fleet.nodes > 1)
  })

  test('one whose sequencer is off is started', () => {
    const now = T + 20_000
    const off = known('a', { sequencing: false, l1: { ageMs: 400_000 } }, now)
    const decision = decide({
      now,
      policy: defaultPolicy(2_000),
      nodes: [{ name: 'a', zone: 'a', priority: 1, noFailover: false }],
      observed: { a: off },
      headSeenAt: T,
      head: head({ leader: 'a', term: 4, fencedAt: T }),
      lease: lease({ leader: 'a', term: 4 }),
    })
    expect(brief(decision)).toMatchObject({ acts: 'start a', page: 'l1-frozen, no-first-commit' })
  })

  test('the way back of a switchover is the operator’s, and the last move', () => {
    const cause = { code: 'switchover', by: 'ann', id: 's' } as const
    const chain = { nodes: 5, blockTimeMs: 1_000, l1AgeMs: 400_000, lease: { cause, previousLeader: 'b' } }
    const { grants, last } = standing(chain).run(12)
    expect(grants).toBe(1)
    expect(last).toBe('halted | l1-frozen, no-first-commit')
  })
})
