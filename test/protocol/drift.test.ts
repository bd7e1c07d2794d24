import { describe, expect, test } from 'vitest'
import { planUpgrade } from '../../lib/operations/upgrade/plan.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { driftOf, driftWith } from '../../lib/protocol/drift.ts'
import { agreeOnL1 } from '../../lib/protocol/follow-l1.ts'
import type { NodeConfig } from '../../lib/protocol/observation.ts'
import { brief, type Scene, T, view } from './scene.ts'

type Says = { consensus?: string; execution?: string; sdm?: boolean; throttled?: boolean }

/** The scene with what nodes say of themselves, on a chain with Karst by default. */
function fleet(
  says: Readonly<Record<string, Says>>,
  scene: Scene = {},
  karst: string | undefined = '1790000000',
): View {
  const seen = view(scene)
  const observed = Object.fromEntries(
    Object.entries(seen.observed).map(([name, known]) => {
      const { observation } = known
      const { consensus, execution, sdm, throttled } = says[name] ?? {}
      if (!observation.consensus.ok || !observation.execution.ok) return [name, known]
      const rollup = { block_time: '2', ...(karst && { karst_time: karst }) }
      const own = {
        consensus: { ok: true, value: { ...observation.consensus.value, ...(consensus && { version: consensus }) } },
        execution: {
          ok: true,
          value: {
            ...observation.execution.value,
            ...(execution && { version: execution }),
            ...(sdm !== undefined && { sdm }),
          },
        },
        identity: {
          consensus: { ok: true, value: { rollup } },
          execution: { ok: true, value: throttled === undefined ? {} : { throttled } },
        },
      } as const
      return [name, { ...known, observation: { ...observation, ...own } }]
    }),
  )
  return { ...seen, observed: observed }
}

const codes = (seen: View, node = 'b') => driftOf(seen, node).map(({ code }) => code)
const asked = (to: string | undefined, force = false) => ({
  lease: { switchover: { id: 'x', ...(to && { to }), notBefore: 0, by: 'ann', force, askedAt: T, latest: T + 60_000 } },
})

describe('versions that do not fit together from Karst on', () => {
  test.each<[string, Says, string[]]>([
    ['both are new enough', { consensus: 'v1.19.1-abc', execution: 'reth/v2.3.2-def/x86_64' }, []],
    ['newer', { consensus: 'v1.21.0', execution: 'op-reth/v2.10.0' }, []],
    ['op-node is older', { consensus: 'v1.18.3-abc-1700000000', execution: 'reth/v2.10.0' }, ['before-karst']],
    ['op-reth is older', { consensus: 'v1.19.6', execution: 'reth/v1.8.1-1234/x86_64' }, ['before-karst']],
    ['both', { consensus: 'v1.16.11', execution: 'reth/v2.3.1' }, ['before-karst', 'before-karst']],
    ['op-geth', { consensus: 'v1.19.6', execution: 'Geth/v1.101702.3-stable/linux-amd64/go1.24' }, []],
    ['builds of one’s own', { consensus: 'v0.0.0-abc', execution: 'Simulated/v0.1.0' }, []],
    ['a fork of op-node that counts on its own', { consensus: 'celo-v2.2.4', execution: 'reth/v2.10.0' }, []],
    ['the same with bare numbers', { consensus: 'v2.2.4', execution: 'base-reth-node/v0.5.1' }, []],
    ['an op-reth with a bare number', { execution: '2.1.0' }, ['before-karst']],
    ['untagged', { consensus: 'untagged-19ac-1700000000' }, []],
  ])('%s', (_, says, expected) => {
    expect(codes(fleet({ b: says }))).toEqual(expected)
  })

  test('nothing is said on a chain without Karst', () => {
    expect(codes(fleet({ b: { consensus: 'v1.16.11' } }, {}, ''))).toEqual([])
  })

  test('an upgrade warns before it makes it so', () => {
    const seen = fleet({ b: { consensus: 'v1.19.6', execution: 'reth/v2.10.0' } })
    for (const version of ['v1.19.0', 'op-node/v1.18.0', 'v2.3.1', 'op-reth v1.9.0', 'reth-2.0.0'])
      expect(driftWith(seen, 'b', version), version).toHaveLength(1)
    for (const version of [
      'v1.21.0',
      'v2.10.0',
      'op-reth v2.4.0',
      'v1.101702.3',
      'karst-hotfix',
      'celo-v2.2.4',
      'v0.0.0',
    ])
      expect(driftWith(seen, 'b', version), version).toEqual([])
    const plan = planUpgrade(seen, { to: 'op-node v1.18.0', by: 'ann' }, [])
    expect(plan.warnings.join()).toContain('afterwards b: its op-node reports version op-node v1.18.0')
  })
})

describe('settings unlike the leader’s', () => {
  test.each<[string, Says, Says, string[]]>([
    ['the same opt-in', { sdm: true }, { sdm: true }, []],
    ['the leader’s was set, this one’s was lost', { sdm: true }, { sdm: false }, ['sdm-differs']],
    ['the other way round', { sdm: false }, { sdm: true }, ['sdm-differs']],
    ['one does not say', { sdm: true }, {}, []],
    ['only the leader can be slowed down', { throttled: true }, { throttled: false }, ['not-throttled']],
    ['only the standby can', { throttled: false }, { throttled: true }, []],
  ])('%s', (_, a, b, expected) => {
    expect(codes(fleet({ a, b }))).toEqual(expected)
  })
})

describe('engines that Baton has access to', () => {
  const V4 = ['engine_forkchoiceUpdatedV3', 'engine_getPayloadV4', 'engine_newPayloadV4']
  const V5 = [...V4, 'engine_getPayloadV5']
  const offering = (a: string[] | undefined, b: string[] | undefined, karst?: string) => {
    const seen = fleet({}, {}, karst)
    const observed = Object.entries(seen.observed).map(([name, known]) => {
      const engine = name === 'a' ? a : name === 'b' ? b : undefined
      return [name, { ...known, ...(engine && { engine }) }]
    })
    return driftOf({ ...seen, observed: Object.fromEntries(observed) }, 'b')
  }

  test.each<[string, string[] | undefined, string[] | undefined, string | undefined, string[]]>([
    ['both offer all', V5, V5, undefined, []],
    ['what Karst needs is missing', undefined, V4, undefined, ['engine_getPayloadV5']],
    ['not on a chain without it', V4, V4, '', []],
    ['what the leader offers is missing', V5, V4, '', ['engine_getPayloadV5']],
    ['bodies and the like are no matter', [...V4, 'engine_getPayloadBodiesByRangeV2'], V4, '', []],
    ['it was not asked', V5, undefined, undefined, []],
  ])('%s', (_, a, b, karst, missing) => {
    expect(offering(a, b, karst).flatMap(({ evidence }) => evidence.methods)).toEqual(missing)
  })
})

describe('a node that drifts', () => {
  const says = { a: { sdm: true }, b: { sdm: false }, c: { sdm: true } }

  test('is reported, stays a standby, and another one comes first', () => {
    const seen = fleet(says)
    const verdict = decide(seen).verdicts.find(({ node }) => node === 'b')
    expect(verdict).toMatchObject({ eligible: true, role: 'standby' })
    expect(verdict?.reasons.map(({ code }) => code)).toContain('sdm-differs')
    const dead = fleet(says, { after: 3_000, a: { cl: 'refused', el: 'refused', samples: 3 } })
    expect(brief(decide(dead)).acts).toBe('grant b')
    const leader = fleet(
      { ...says, b: { consensus: 'v1.16.11' } },
      { after: 3_000, a: { cl: 'refused', el: 'refused', samples: 3 } },
    )
    expect(brief(decide(leader)).acts, 'b has the higher priority').toBe('grant c')
  })

  test('is the target of a switchover by force only', () => {
    const refused = decide(fleet(says, asked('b')))
    expect(brief(refused).acts).toBe('refuse-switchover')
    expect(refused.reasons[0]?.evidence.message).toContain('--force moves there all the same')
    expect(brief(decide(fleet(says, asked('b', true)))).acts).toBe('grant b')
    expect(brief(decide(fleet(says, asked('c')))).acts).toBe('grant c')
    expect(brief(decide(fleet(says, asked(undefined)))).acts).toBe('grant c')
    expect(
      brief(decide(fleet({ a: { sdm: true }, b: { sdm: false }, c: { sdm: false } }, asked(undefined)))).acts,
    ).toBe('refuse-switchover')
  })
})

describe('nodes that follow one source are one voice', () => {
  const nodes = (...sources: (string | undefined)[]): NodeConfig[] =>
    sources.map((derivesFrom, i) => ({
      name: `n${i}`,
      zone: 'z',
      priority: 0,
      noFailover: false,
      ...(derivesFrom && { derivesFrom }),
    }))

  test.each<[string, (string | undefined)[], string[], boolean]>([
    ['two of three that derive L1 themselves', [undefined, undefined, undefined], ['n0', 'n1'], true],
    ['one of them', [undefined, undefined, undefined], ['n0'], false],
    ['two that follow one source, of three', ['s', 's', undefined], ['n0', 'n1'], false],
    ['those and the other', ['s', 's', undefined], ['n0', 'n1', 'n2'], true],
    ['half of the followers and the other', ['s', 's', undefined], ['n0', 'n2'], false],
    ['all follow one, and one of them says it', ['s', 's', 's'], ['n0'], false],
    ['most of them', ['s', 's', 's'], ['n0', 'n2'], true],
    ['two sources of two', ['s', 's', 't', 't', undefined], ['n0', 'n1', 'n2', 'n3'], true],
    ['a node and who follows it', [undefined, 'n0', undefined], ['n0', 'n1'], false],
  ])('%s', (_, sources, names, enough) => {
    expect(agreeOnL1(nodes(...sources), names)).toBe(enough)
  })
})
