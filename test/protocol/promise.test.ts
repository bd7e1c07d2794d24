import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import type { View } from '../../lib/protocol/decision.ts'
import { remember } from '../../lib/protocol/observed-node.ts'
import { publishers } from '../../lib/protocol/uncommitted.ts'
import { brief, hashOf, l2, type Scene, T, view } from './scene.ts'

/** The scene with what op-node `name` says it is. */
function says(scene: Scene, name: string, version: string): View {
  const seen = view(scene)
  const known = seen.observed[name]
  if (!known?.observation.consensus.ok) throw new Error(`${name} answers`)
  const consensus = { ok: true, value: { ...known.observation.consensus.value, version } } as const
  return {
    ...seen,
    observed: { ...seen.observed, [name]: { ...known, observation: { ...known.observation, consensus } } },
  }
}
const eligible = (seen: View) =>
  decide(seen).verdicts.flatMap(({ node, eligible }) => (eligible && node !== 'a' ? [node] : []))

describe('kona-node', () => {
  test.each(['1.12.0', '1.0.0-rc.1', 'kona-node 1.12.0', 'kona/v1.9.0'])(
    '%s is no standby, and a person is paged',
    (version) => {
      const seen = says({}, 'b', version)
      expect(brief(decide(seen))).toMatchObject({ condition: 'ok', page: 'breaks-promise' })
      expect(decide(seen).page[0]).toMatchObject({ node: 'b', evidence: { version } })
      expect(eligible(seen)).toEqual(['c'])
    },
  )

  test.each(['v1.19.6', 'v1.16.11-4a3f-1700000000', 'untagged-19ac-1700000000', 'celo-v2.2.4', 'simulated'])(
    '%s is none',
    (version) => {
      expect(eligible(says({}, 'b', version))).toEqual(['b', 'c'])
    },
  )

  test('is not granted when the leader dies', () => {
    const seen = says({ after: 3_000, a: { cl: 'refused', el: 'refused', samples: 3 } }, 'b', '1.12.0')
    expect(brief(decide(seen)).acts).toBe('grant c')
  })

  test('is not granted by force', () => {
    const switchover = { id: 'x', to: 'b', notBefore: 0, by: 'ann', force: true, askedAt: T, latest: T + 60_000 }
    expect(brief(decide(says({ lease: { switchover } }, 'b', '1.12.0'))).acts).toBe('refuse-switchover')
  })

  test.each<[string, Scene]>([
    ['a leader commits', { lease: { armedAt: 0 } }],
    [
      'the first is to be granted',
      { lease: { armedAt: 0, leader: '' }, head: { leader: '', committedTerm: 0 }, a: { sequencing: false } },
    ],
  ])('arms no chain: %s', (_, scene) => {
    const { commands, page } = decide(says(scene, 'c', '1.12.0'))
    expect(commands).toEqual([])
    expect(page.map(({ code }) => code)).toContain('breaks-promise')
  })

  test('adopts no chain: the page says why', () => {
    const seen = says({ head: null, lease: null, a: { sequencing: false } }, 'c', '1.12.0')
    expect(brief(decide(seen))).toMatchObject({ condition: 'observing', acts: '', page: 'breaks-promise' })
    expect(decide(seen).reasons[0]?.evidence.message).toContain('kona-node')
  })

  test('put aside by a person keeps no chain unarmed', () => {
    const quarantine = { c: { since: T, why: 'x', by: 'ann' } }
    expect(brief(decide(says({ lease: { armedAt: 0, quarantine } }, 'c', '1.12.0'))).acts).toBe('renew')
  })
})

describe('a client seen to publish without a commit', () => {
  const shows = { at: l2(101n), sequencing: true }
  const revertedFrom = { number: 100n, hash: hashOf(100n), parentHash: hashOf(99n) }
  const takenBack = { ...l2(95n), leader: '', term: 4, committedTerm: 0, revertedFrom }

  test.each<[string, Scene, string[]]>([
    ['it sequences, and another has its block', { b: shows, c: { at: l2(101n) } }, ['b']],
    ['only it has the block', { b: shows }, []],
    ['it does not sequence', { b: { at: l2(101n) }, c: { at: l2(101n) } }, []],
    ['the other has another block', { b: shows, c: { at: l2(101n, 3) } }, []],
    ['it leads', { a: { at: l2(101n) }, c: { at: l2(101n) } }, []],
    [
      'in an override',
      {
        b: shows,
        c: { at: l2(101n) },
        lease: { quarantine: { b: { since: T, why: 'x', by: 'y', kind: 'override' } } },
      },
      [],
    ],
    [
      'the head was moved back from its block: it was committed once',
      { a: { at: l2(100n), sequencing: true }, c: { at: l2(100n) }, head: takenBack },
      [],
    ],
    ['or past its block', { a: { at: l2(98n), sequencing: true }, c: { at: l2(98n) }, head: takenBack }, []],
    ['above what the head was moved back from', { b: shows, c: { at: l2(101n) }, head: takenBack }, ['b']],
  ])('%s', (_, scene, expected) => {
    expect(publishers(view(scene)).map(({ node }) => node)).toEqual(expected)
  })

  const published = { number: 101n, hash: hashOf(101n, 5), others: ['c'] }
  const marked = (scene: Scene): View => {
    const seen = view(scene)
    const { b } = seen.observed
    return b ? { ...seen, observed: { ...seen.observed, b: { ...b, published } } } : seen
  }

  test('is no standby any more, and paged for, though the chain is one again', () => {
    expect(brief(decide(marked({})))).toMatchObject({ condition: 'ok', page: 'published-uncommitted' })
    expect(eligible(marked({}))).toEqual(['c'])
  })

  test('until its process ended', () => {
    const { b } = marked({}).observed
    if (!b) throw new Error('b was seen')
    expect(remember(b, b.observation).published).toEqual(published)
    const gone = { ok: false, failure: 'refused', message: 'x' } as const
    expect(remember(b, { ...b.observation, consensus: gone }).published).toBeUndefined()
    const silent = { ok: false, failure: 'timeout', message: 'x' } as const
    expect(remember(b, { ...b.observation, consensus: silent }).published).toEqual(published)
  })
})
