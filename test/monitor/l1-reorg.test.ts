import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import type { L1Port } from '../../lib/l1/watch.ts'
import { tick } from '../../lib/monitor/tick.ts'
import { fence, grant } from '../../lib/protocol/grant.ts'
import type { L1View, Tip } from '../../lib/protocol/l1.ts'
import { setStage } from './stage.ts'

const L1_BLOCK_MS = 2_000

/** L1 as an endpoint of our own shows it: `latest` what the last observation found, `look` what is there now. */
function endpoint(block: (number: bigint) => { number: bigint; hash: `0x${string}`; timestamp: bigint }, at: bigint) {
  const limits = { window: 50n, maxDriftS: 1_800, slotMs: L1_BLOCK_MS }
  let known: L1View = { limits }
  const observe = async (tip: Tip | undefined) => {
    const seen = tip && { block: tip, origin: block(tip.l1Origin.number) }
    known = { limits, sample: { at: Date.now(), head: block(at), ...(seen && { tip: seen }) } }
    return known
  }
  const port: L1Port = {
    latest: () => known,
    observe,
    head: async () => block(at),
    hashAt: async (number) => block(number).hash,
  }
  return port
}

/** A chain without a monitor whose head has a younger L1 origin than the blocks below it, and a way to take that origin. */
async function begin() {
  const stage = await setStage({ l1BlockTimeMs: L1_BLOCK_MS })
  const { chain, ports } = stage
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const head = async () => {
    const found = await ports.heads.read('901')
    if (!found?.l1Origin) throw new Error('the chain has no head')
    return { ...found, l1Origin: found.l1Origin }
  }
  const first = (await head()).l1Origin.number
  await stage.until('a block with a younger origin', async () => (await head()).l1Origin.number > first)
  await kill()
  const taken = (await head()).l1Origin.number
  const l1 = chain.node('ada').l1
  const watched = { ...ports, l1: endpoint((number) => l1.block(number), taken + 1n) }
  const memory = freshMemory()
  const turn = () => tick(watched, memory, true)
  const reorg = async () => {
    for (const { l1, consensus } of chain.nodes) {
      l1.fork(taken)
      await consensus.resetDerivation()
    }
  }
  const acts = async () => (await ports.history.list('901')).map(({ what }) => what)
  const count = async (act: string) => (await acts()).filter((what) => what === act).length
  return { stage, head, l1, watched, turn, reorg, count }
}

test('L1 took the head’s origin since it was observed: the leader is not given that head again, the head follows', async () => {
  const { stage, head, l1, turn, reorg, count } = await begin()
  await turn()
  await reorg()
  const before = await count('start')
  // A node that got the block once more from another is asked to leave it after two slots.
  await stage.until(
    'the head follows L1',
    async () => {
      await turn()
      return (await count('follow-l1')) > 0
    },
    20_000,
  )
  expect(await count('start')).toBe(before)
  const { l1Origin } = await head()
  expect(l1.block(l1Origin.number).hash).toBe(l1Origin.hash)
  await stage.close()
})

test('a leader that was just granted leaves the head: L1 is asked although sequencing moves', async () => {
  const { stage, head, watched, turn, reorg, count } = await begin()
  const { ports } = stage
  await ports.port('ada').stop()
  const { term, hash } = await head()
  const lease = await ports.leases.read('901')
  if (!lease) throw new Error('there is no lease')
  await stage.until('bob has the head', async () => (await ports.port('bob').unsafe()).hash === hash)
  await ports.port('bob').start(hash)
  // He goes below the head before he may commit.
  await reorg()
  const to = { to: 'bob', cause: { code: 'stalled', by: 'baton' }, overLease: true, automatic: false } as const
  await ports.leases.write('901', grant(lease, { ...to, sameRound: false, leaseMs: 5_000 }, Date.now()))
  await ports.heads.write('901', fence('bob', term + 1, Date.now()))
  await turn()
  await watched.l1.observe(await head())
  const before = await count('grant')
  await turn()
  expect([await count('follow-l1'), (await count('grant')) - before]).toEqual([1, 1])
  await stage.close()
})
