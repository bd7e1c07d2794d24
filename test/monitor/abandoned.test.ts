import { describe, expect, test } from 'vitest'
import type { Ticked } from '../../lib/monitor/tick.ts'
import { pause } from '../../lib/operator/modes.ts'
import type { SimulatedBlock } from '../../lib/simulator/chain/payload.ts'
import { archiveKey } from '../../lib/store/archive.ts'
import { packPayload } from '../../lib/store/payload.ts'
import { buildOn } from '../simulation/blocks.ts'
import { virtualFleet } from './virtual-fleet.ts'

type Scene = {
  /** So many of bob's newest blocks are not the committed ones. */
  readonly off: number
  /** So many blocks are committed above his newest one before a monitor sees him. */
  readonly below: number
  /** His blocks were committed once, and the head was moved back from them. */
  readonly onceCommitted?: boolean
  readonly mode?: 'auto' | 'paused'
  /** His op-node ends, and comes up on the committed chain. */
  readonly comesBack?: boolean
}

/** A chain with a standby that stays at its block: no peers, no L1. What a monitor finds out about it. */
async function seen({ off, below, onceCommitted = false, mode = 'auto', comesBack = false }: Scene) {
  const fleet = virtualFleet({ alone: ['bob'] })
  const { ports } = fleet
  await fleet.begin()
  const first = fleet.watch()
  await fleet.run(20_500)
  if (mode === 'paused') {
    const paused = pause(ports, 'ann')
    await fleet.run(100)
    await paused
  }
  first()
  fleet.kill('bob')
  const { execution } = fleet.node('bob')
  const committed = execution.canonical()
  const own: SimulatedBlock[] = []
  execution.loseBlocks(BigInt(off))
  execution.process.start()
  for (let i = 0; i < off; i++) {
    const block = buildOn(execution.head, execution.head.l1Origin as never, 'another branch')
    void execution.insert(block)
    await fleet.run(50)
    own.push(block)
  }
  for (const block of onceCommitted ? own : [])
    await ports.objects.put(archiveKey('901', block), await packPayload(JSON.stringify(block.envelope)))
  const last = execution.head
  if (onceCommitted)
    await ports.heads.write('901', {
      set: { revertedFrom: { number: last.number, hash: last.hash, parentHash: last.parentHash } },
      when: { is: 'all', of: [] },
    })
  await fleet.run(below * 1_000)
  fleet.boot('bob')
  const ticks: Ticked[] = []
  const end = fleet.watch((ticked) => ticks.push(ticked))
  await fleet.run(8_000)
  if (comesBack) {
    fleet.kill('bob')
    execution.loseBlocks(BigInt(off))
    fleet.boot('bob')
    await fleet.run(8_000)
  }
  await fleet.run(20_000)
  end()
  fleet.halt()
  const { decision, view } = ticks.at(-1) ?? {}
  const verdict = decision?.verdicts.find(({ node }) => node === 'bob')
  return {
    eligible: verdict?.eligible,
    forked: verdict?.reasons.find(({ code }) => code === 'forked')?.evidence,
    placed: view?.observed.bob?.branch?.committed,
    pages: new Set(ticks.flatMap((each) => each.decision.page.map(({ code, node }) => `${code} ${node}`))),
    expected: {
      number: String(last.number),
      hash: last.hash,
      committed: committed.find(({ number }) => number === last.number)?.hash,
    },
  }
}

const scenes: Scene[] = [
  { off: 1, below: 5 },
  { off: 3, below: 5 },
  { off: 3, below: 70 },
  { off: 1, below: 300 },
  { off: 3, below: 5, onceCommitted: true },
  { off: 2, below: 70, onceCommitted: true },
]

describe('a standby on a branch the chain has left, blocks below the head', () => {
  test.each(scenes)('off by $off, $below below, once committed: $onceCommitted', { timeout: 60_000 }, async (scene) => {
    const { eligible, forked, expected, pages } = await seen(scene)
    expect(eligible).toBe(false)
    expect(forked).toEqual(expected)
    expect(pages).toContain('forked bob')
    expect(pages).not.toContain('takes-nothing bob')
  })

  test('is eligible again once it is on the committed chain', async () => {
    const { eligible, forked } = await seen({ off: 2, below: 5, comesBack: true })
    expect(forked).toBeUndefined()
    expect(eligible).toBe(true)
  })
})

describe('a standby that is only behind', () => {
  test.each<Scene>([
    { off: 0, below: 5 },
    { off: 0, below: 70 },
    { off: 0, below: 5, onceCommitted: true },
  ])('$below below, with another branch above: $onceCommitted', { timeout: 60_000 }, async (scene) => {
    const { forked, pages, placed, expected } = await seen({ ...scene, mode: 'paused' })
    expect(forked).toBeUndefined()
    expect(placed).toBe(expected.hash)
    expect(pages).not.toContain('forked bob')
  })
})
