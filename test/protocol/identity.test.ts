import { describe, expect, test } from 'vitest'
import type { Hash } from '../../lib/protocol/block.ts'
import {
  configuredChainId,
  type Fleet,
  judgeFleet,
  mask,
  type Standing,
  strangers,
} from '../../lib/protocol/identity.ts'
import type { Answer, Identity, RollupFields } from '../../lib/protocol/observation.ts'
import { hashOf, known, T } from './scene.ts'

const OURS = hashOf(1n)
const OTHER = hashOf(2n)
const PAST = '1600000000'
const FUTURE = String(T / 1_000 + 86_400)
const LATER = String(T / 1_000 + 172_800)

/** What a node of the chain says of itself, with what is different about this one. */
type Says = {
  readonly id?: bigint | null
  readonly genesis?: Hash | null
  readonly rollup?: RollupFields | null
  readonly peer?: string
  readonly consensus?: Identity['consensus'] | 'away'
  readonly execution?: Identity['execution'] | 'away'
}

const failed: Answer<never> = { ok: false, failure: 'other', message: 'the proxy is tired' }

function says(node: string, { id = 901n, genesis = OURS, rollup = {}, peer = node, ...clients }: Says = {}): Identity {
  const config = { l2_chain_id: String(id ?? 901n), 'genesis.l2.number': '0', block_time: '2', isthmus_time: PAST }
  const consensus: Identity['consensus'] =
    clients.consensus === 'away'
      ? undefined
      : (clients.consensus ?? {
          ok: true,
          value: { peer, ...(rollup && { rollup: { ...config, 'genesis.l2.hash': genesis ?? OURS, ...rollup } }) },
        })
  const execution: Identity['execution'] =
    clients.execution === 'away'
      ? undefined
      : (clients.execution ?? {
          ok: true,
          value: { ...(id !== null && { chainId: id }), ...(genesis && { genesis }) },
        })
  return { ...(consensus && { consensus }), ...(execution && { execution }) }
}

function judge(nodes: readonly Says[], fleet: Partial<Fleet> = {}) {
  const seen = Object.fromEntries(nodes.map((each, i) => [`n${i}`, says(`n${i}`, each)]))
  return judgeFleet({ seen, chainId: 901n, now: T, ...fleet })
}

/** Each node in a word: its proof (one word if both clients have the same), and the codes that stand against it. */
function reported(nodes: readonly Says[], fleet: Partial<Fleet> = {}): string[] {
  return Object.values(judge(nodes, fleet).standings).map(({ consensus, execution, hard, soft }: Standing) => {
    const proof = consensus === execution ? consensus : `${consensus}/${execution}`
    return [proof, ...hard.map(({ code }) => code), ...soft.map(({ code }) => `(${code})`)].join(' ')
  })
}

const ours = (count: number): Says[] => Array(count).fill({})

test.for([1, 2, 3, 5])('%i nodes of one chain are all proved', (count) => {
  expect(reported(ours(count))).toEqual(Array(count).fill('proved'))
})

test.for([
  ['901', 901n],
  ['0x385', 901n],
  ['0X385', 901n],
  ['my-rollup', undefined],
  ['', undefined],
  ['901a', undefined],
] as const)('a chain is configured as "%s"', ([written, id]) => {
  expect(configuredChainId(written)).toBe(id)
})

describe('another chain id', () => {
  test.for([2, 3, 5])('one of %i', (count) => {
    expect(reported([...ours(count - 1), { id: 902n }]).at(-1)).toBe('foreign other-chain')
    expect(reported([...ours(count - 1), { id: 902n }]).slice(0, -1)).toEqual(Array(count - 1).fill('proved'))
  })
  test('all but one: the configuration decides, not the majority', () => {
    expect(reported([{}, { id: 902n }, { id: 902n }])).toEqual(['proved', 'foreign other-chain', 'foreign other-chain'])
    expect(reported([{ id: 902n }])).toEqual(['foreign other-chain'])
  })
  test('without a configured one the majority decides; without a majority no node is proved', () => {
    const named = { chainId: undefined }
    expect(reported([{}, {}, { id: 902n }], named)).toEqual(['proved', 'proved', 'foreign other-chain'])
    expect(reported([{}, { id: 902n }], named)).toEqual(['unknown identity-unknown', 'unknown identity-unknown'])
  })
  test("only one of its clients is another chain's: neither counts", () => {
    expect(reported([{}, { rollup: { l2_chain_id: '902' } }])[1]).toBe('foreign other-chain')
    expect(reported([{}, { id: 902n, rollup: { l2_chain_id: '901' } }])[1]).toBe('foreign other-chain')
  })
})

describe('the same id and another genesis', () => {
  test.for([3, 5])('one of %i', (count) => {
    expect(reported([...ours(count - 1), { genesis: OTHER }]).at(-1)).toBe('foreign other-genesis')
  })
  test('two that disagree: neither is proved', () => {
    expect(reported([{}, { genesis: OTHER }])).toEqual(['unknown genesis-disputed', 'unknown genesis-disputed'])
  })
  test('what was agreed on before decides', () => {
    const before = judge(ours(2))
    expect(before.genesis).toBe(OURS)
    expect(reported([{}, { genesis: OTHER }], { genesis: OURS })).toEqual(['proved', 'foreign other-genesis'])
    expect(reported([{ genesis: OTHER }, { genesis: OTHER }], { genesis: OURS })).toEqual(
      Array(2).fill('foreign other-genesis'),
    )
  })
  test('what fewer than most of all nodes say is not kept', () => {
    const seen = { a: says('a'), b: undefined, c: undefined }
    expect(judgeFleet({ seen, chainId: 901n, now: T }).genesis).toBeUndefined()
  })
  test("another chain's nodes have no voice in it", () => {
    expect(reported([{}, { id: 902n, genesis: OTHER }, { id: 902n, genesis: OTHER }])[0]).toBe('proved')
  })
  test('its op-node was made for another block 0 than its execution client has', () => {
    expect(reported([{}, {}, { rollup: { 'genesis.l2.hash': OTHER } }])[2]).toBe('foreign other-genesis')
  })
  test('a chain that was migrated begins later than block 0', () => {
    const migrated = { rollup: { 'genesis.l2.hash': OTHER, 'genesis.l2.number': '105235063' } }
    expect(reported([migrated, migrated, migrated])).toEqual(Array(3).fill('proved'))
  })
})

describe('a client that does not say', () => {
  test.for<[string, Says, string]>([
    ['no p2p', { peer: '' }, 'proved'],
    ['no rollup configuration', { rollup: null }, 'proved'],
    ['no chain id: the other client has it', { id: null }, 'proved'],
    ['neither', { id: null, rollup: null }, 'unknown identity-unknown'],
    ['its execution client is away', { execution: 'away' }, 'proved'],
    ['its consensus client is away', { consensus: 'away' }, 'proved'],
    ['both are away', { consensus: 'away', execution: 'away' }, 'unknown'],
    ['its execution client fails', { execution: failed }, 'proved/unknown identity-unknown'],
    ['its consensus client fails', { consensus: failed }, 'unknown/proved identity-unknown'],
  ])('%s', ([, each, outcome]) => {
    expect(reported([{}, {}, each])[2]).toBe(outcome)
  })
})

describe('rollup configurations', () => {
  const differing: [string, RollupFields, string, object][] = [
    ['block time', { block_time: '4' }, 'config-differs', { field: 'block_time', value: '4', others: '2' }],
    ['a fork', { isthmus_time: '99' }, 'config-differs', { field: 'isthmus_time', value: '99', others: PAST }],
    [
      'a fork that no other node has',
      { zenith_time: '99' },
      'config-differs',
      { field: 'zenith_time', value: '99', others: 'never' },
    ],
    [
      'a fork that is far ahead',
      { zenith_time: FUTURE },
      'fork-differs',
      { field: 'zenith_time', value: FUTURE, others: 'never' },
    ],
    ['the batch inbox', { batch_inbox_address: '0x01' }, '', {}],
  ]
  test.for(differing)('one of three differs in %s', ([, rollup, code, evidence]) => {
    const { n2 } = judge([{}, {}, { rollup }]).standings
    const found = [...(n2?.hard ?? []), ...(n2?.soft ?? [])]
    expect(found).toEqual(code === '' ? [] : [{ code, node: 'n2', evidence }])
    expect(n2?.consensus).toBe('proved')
  })
  test('a field both have', () => {
    const at = (inbox: string): Says => ({ rollup: { batch_inbox_address: inbox } })
    expect(reported([at('0x01'), at('0x01'), at('0x02')])).toEqual(['proved', 'proved', 'proved config-differs'])
  })
  test('a fork is missing on one, and another time of a fork ahead', () => {
    const without: RollupFields = { l2_chain_id: '901', block_time: '2' }
    const one: Says = { consensus: { ok: true, value: { rollup: without, peer: 'x' } } }
    expect(reported([{}, {}, one])[2]).toBe('proved config-differs')
    const ahead = (time: string): Says => ({ rollup: { zenith_time: time } })
    expect(reported([ahead(FUTURE), ahead(FUTURE), ahead(LATER)])[2]).toBe('proved (fork-differs)')
    expect(reported([ahead(FUTURE), ahead(FUTURE), ahead(PAST)])[2]).toBe('proved config-differs')
  })
  test('two that differ: the leader is right; without one both are reported', () => {
    const two = [{}, { rollup: { block_time: '4' } }]
    expect(reported(two, { leader: 'n0' })).toEqual(['proved', 'proved config-differs'])
    expect(reported(two, { leader: 'n1' })).toEqual(['proved config-differs', 'proved'])
    expect(reported(two)).toEqual(['proved config-differs', 'proved config-differs'])
  })
  test('the leader is away: what it reported before still counts', () => {
    const rollups = judge([{}, { rollup: { block_time: '4' } }, {}]).rollups
    const away: Says = { consensus: 'away', execution: 'away' }
    expect(reported([away, { rollup: { block_time: '4' } }, {}], { rollups, leader: 'n0' })).toEqual([
      'unknown',
      'proved config-differs',
      'proved',
    ])
  })
  test("a stranger's is not compared", () => {
    expect(
      reported([{}, { id: 902n, rollup: { block_time: '1' } }, { id: 902n, rollup: { block_time: '1' } }])[0],
    ).toBe('proved')
  })
  test.for([
    [2_000, 0],
    [1_000, 3],
    [250, 0],
  ] as const)('the configuration of Baton says %i ms', ([blockTimeMs, count]) => {
    const { standings } = judge(ours(3), { blockTimeMs })
    expect(Object.values(standings).flatMap((each) => strangers(each))).toHaveLength(count)
  })
})

describe('one op-node under several names', () => {
  test('each is reported, and one keeps the vote: the leader, or the first', () => {
    const twins = [{}, { peer: 'x' }, { peer: 'x' }]
    expect(reported(twins)).toEqual(['proved', 'proved same-node', 'unknown same-node'])
    expect(reported(twins, { leader: 'n2' })).toEqual(['proved', 'unknown same-node', 'proved same-node'])
    expect(reported([{ peer: 'x' }, { peer: 'x' }, { peer: 'x' }])).toEqual([
      'proved same-node',
      'unknown same-node',
      'unknown same-node',
    ])
  })
})

test('what a stranger answered is left out of a look, what failed stays as it failed', () => {
  const standing = judge([{}, { id: 902n }]).standings.n1 as Standing
  const look = known('n1', { el: 'refused' }, T).observation
  const masked = mask(look, standing)
  expect(masked.consensus).toEqual({
    ok: false,
    failure: 'identity',
    message: 'its consensus client is on chain 902, not 901: check its URL; Baton neither calls nor counts it',
  })
  expect(masked.execution).toEqual(look.execution)
  expect(mask(masked, standing)).toEqual(masked)
})
