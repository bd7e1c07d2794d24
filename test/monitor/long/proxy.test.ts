import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Trouble, troubles } from '../front.ts'
import { type Stage, setStage } from '../stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage({ behindFronts: true })
})
afterEach(() => stage.close())

type Part = 'consensus' | 'execution'

/** Puts trouble before some processes; returns how to take it away. */
function trouble(nodes: readonly string[], parts: readonly Part[], what: () => Trouble | undefined) {
  const fronts = nodes.flatMap((node) => parts.map((part) => stage.fronts[node]?.[part]))
  for (const front of fronts) if (front) front.trouble = what
  return () => {
    for (const front of fronts) if (front) front.trouble = () => undefined
  }
}

const term = async () => (await stage.ports.leases.read('901'))?.term
const both: readonly Part[] = ['consensus', 'execution']
const all = ['ada', 'bob', 'cyd']

describe('a leader that commits on time is not moved for what stands before it', () => {
  test.each(Object.entries(troubles))('%s', async (_, what) => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const [before, from] = [await term(), stage.committed.length]
    const rid = trouble(['ada'], ['consensus'], () => what)
    await stage.until('four blocks', () => stage.committed.length >= from + 4)
    rid()
    await stage.until('two more', () => stage.committed.length >= from + 6)
    expect(await term()).toBe(before)
  })

  test.each<[string, readonly string[], readonly Part[]]>([
    ['its execution client', ['ada'], ['execution']],
    ['both of its clients', ['ada'], both],
    ['all consensus clients', all, ['consensus']],
    ['everything', all, both],
  ])('502 before %s', async (_, nodes, parts) => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const [before, from] = [await term(), stage.committed.length]
    trouble(nodes, parts, () => troubles['502'])
    await stage.until('five blocks', () => stage.committed.length >= from + 5)
    expect(await term()).toBe(before)
  })

  test('502 now and then', async () => {
    stage.monitor()
    await stage.leads((leader) => leader === 'ada')
    const [before, from] = [await term(), stage.committed.length]
    let asked = 0
    trouble(['ada'], both, () => (asked++ % 3 === 0 ? undefined : troubles['502']))
    await stage.until('six blocks', () => stage.committed.length >= from + 6)
    expect(await term()).toBe(before)
  })
})

describe('when blocks really end behind it', () => {
  test.each<[string, readonly Part[], () => Trouble | undefined]>([
    ['502', both, () => troubles['502']],
    ['502 for one client', ['consensus'], () => troubles['502']],
    ['a page', ['consensus'], () => troubles['a page with 200']],
    ['401', ['consensus'], () => troubles['401 of a proxy']],
    ['a cut connection', both, () => troubles['a cut connection']],
    [
      '502 and silence in turn',
      ['consensus'],
      (() => {
        let asked = 0
        return () => (asked++ % 2 === 0 ? troubles['502'] : troubles['a body that drips'])
      })(),
    ],
  ])('%s: another leads', async (_, parts, what) => {
    stage.monitor()
    // On a busy machine the first one may miss its first block, and the next one, too.
    const dead = await stage.leads(() => true)
    await stage.chain.node(dead).kill('host')
    trouble([dead], parts, what)
    await stage.leads((leader) => leader !== dead)
  })

  test('no node is left to ask: a page', async () => {
    const monitor = stage.monitor()
    const dead = await stage.leads(() => true)
    trouble(all, both, () => troubles['502'])
    await stage.chain.node(dead).kill('host')
    await stage.until('a page', () => (monitor.latest()?.decision.page.length ?? 0) > 0)
  })
})
