import { describe, expect, test } from 'vitest'
import { provedGenesis } from '../../lib/protocol/chain-reset.ts'
import { decide } from '../../lib/protocol/decide.ts'
import type { ObservedNode, View } from '../../lib/protocol/decision.ts'
import { renew } from '../../lib/protocol/grant.ts'
import { judgeFleet, mask } from '../../lib/protocol/identity.ts'
import type { Identity } from '../../lib/protocol/observation.ts'
import { brief, hashOf, lease, type NodeScene, T, view } from './scene.ts'

const [OURS, OTHER, THIRD] = [hashOf(0n), hashOf(0n, 7), hashOf(0n, 8)]
type Genesis = typeof OURS

/** What is seen of nodes with these genesis blocks, under records of the chain with genesis `recorded`. */
function seenWith(
  genesis: Readonly<Record<'a' | 'b' | 'c', Genesis | undefined>>,
  { recorded = OURS, after = 30_000 }: { readonly recorded?: Genesis; readonly after?: number } = {},
): View {
  const scene: NodeScene = { sequencing: false, at: { number: 3n, hash: hashOf(3n, 7) } }
  const away: NodeScene = { cl: 'refused', el: 'refused' }
  const of = (node: 'a' | 'b' | 'c') => (genesis[node] ? scene : away)
  const plain = view({ after, a: of('a'), b: of('b'), c: of('c') })
  const identity = (hash: Genesis | undefined): Identity | undefined =>
    hash && { execution: { ok: true, value: { chainId: 901n, genesis: hash } }, consensus: { ok: true, value: {} } }
  const seen = { a: identity(genesis.a), b: identity(genesis.b), c: identity(genesis.c) }
  const { standings, genesis: settled } = judgeFleet({ seen, chainId: 901n, genesis: recorded, now: plain.now })
  const observed = Object.fromEntries(
    Object.entries(plain.observed).map(([node, known]): [string, ObservedNode] => {
      const standing = standings[node]
      return [node, standing ? { ...known, observation: mask(known.observation, standing), identity: standing } : known]
    }),
  )
  return { ...plain, observed, ...(settled && { genesis: settled }) }
}

const decided = (seen: View) => brief(decide(seen))

describe('the nodes agree on another genesis than the records', () => {
  const reset = { acts: '', page: 'chain-reset', shared: 'chain-reset' }

  test('nothing is moved, and it is said once', () => {
    expect(decided(seenWith({ a: OTHER, b: OTHER, c: OTHER }))).toMatchObject({ condition: 'halted', ...reset })
    expect(decided(seenWith({ a: OTHER, b: OTHER, c: undefined }))).toMatchObject({ condition: 'halted', ...reset })
  })

  test('a leader whose blocks arrive keeps its lease: the URLs are wrong', () => {
    const seen = seenWith({ a: OTHER, b: OTHER, c: OTHER }, { after: 2_100 })
    expect(decided(seen)).toMatchObject({ ...reset, condition: 'degraded', acts: 'renew' })
  })

  test.each([
    ['a node that is ours', { a: OURS, b: OTHER, c: OTHER }],
    ['a third genesis', { a: OTHER, b: OTHER, c: THIRD }],
    ['too few that answer', { a: OTHER, b: undefined, c: undefined }],
  ])('%s: each stranger is reported by its name', (_, genesis) => {
    const { page = '', shared } = decided(seenWith(genesis))
    expect(page).toContain('other-genesis')
    expect([page, shared]).not.toContain('chain-reset')
  })
})

describe('the genesis is recorded', () => {
  test('with the renewal of a leader that is proved to have it', () => {
    expect(provedGenesis(seenWith({ a: OURS, b: OURS, c: OTHER }))).toBe(OURS)
    expect(provedGenesis(seenWith({ a: OTHER, b: OURS, c: OURS }))).toBeUndefined()
    expect(provedGenesis(seenWith({ a: undefined, b: OURS, c: OURS }))).toBeUndefined()
    expect(renew(lease(), 6_000, T, OURS).set.genesis).toBe(OURS)
  })

  test('once: a later quorum does not replace it', () => {
    expect(renew(lease({ genesis: OURS }), 6_000, T, OTHER).set).not.toHaveProperty('genesis')
    expect(renew(lease(), 6_000, T).set).not.toHaveProperty('genesis')
  })
})
