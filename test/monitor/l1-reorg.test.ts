import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import type { L1Port } from '../../lib/l1/watch.ts'
import { tick } from '../../lib/monitor/tick.ts'
import type { L1View, Tip } from '../../lib/protocol/l1.ts'
import { setStage } from './stage.ts'

/** L1 as an endpoint of our own shows it: `latest` what the last observation found, `look` what is there now. */
function endpoint(block: (number: bigint) => { number: bigint; hash: `0x${string}`; timestamp: bigint }, at: bigint) {
  const limits = { window: 50n, maxDriftS: 1_800, slotMs: 12_000 }
  let known: L1View = { limits }
  const look = async (tip: Tip | undefined) => {
    const seen = tip && { block: tip, origin: block(tip.l1Origin.number) }
    known = { limits, look: { at: Date.now(), head: block(at), ...(seen && { tip: seen }) } }
    return known
  }
  const port: L1Port = {
    latest: () => known,
    look,
    head: async () => block(at),
    hashAt: async (number) => block(number).hash,
  }
  return port
}

test('L1 took the head’s origin since it was observed: the leader is not given that head again, the head follows', async () => {
  const { chain, ports, monitor, leads, until, close } = await setStage({ l1BlockTimeMs: 2_000 })
  const { kill } = monitor()
  await leads((leader) => leader === 'ada')
  const head = async () => await ports.heads.read('901')
  const origin = async () => (await head())?.l1Origin?.number ?? 0n
  const first = await origin()
  await until('a block with a younger origin', async () => (await origin()) > first)
  await kill()
  const taken = await origin()
  const nodes = ['ada', 'bob', 'cyd'].map((name) => chain.node(name))
  const watched = {
    ...ports,
    l1: endpoint((number) => nodes[0]?.l1.block(number) ?? chain.l1.block(number), taken + 1n),
  }
  const memory = freshMemory()
  await tick(watched, memory, true)
  for (const { l1, consensus } of nodes) {
    l1.fork(taken)
    await consensus.resetDerivation()
  }
  const acts = async () => (await ports.history.list('901')).map(({ what }) => what)
  const before = (await acts()).filter((what) => what === 'start').length
  await until('the head follows L1', async () => {
    await tick(watched, memory, true)
    return (await acts()).includes('follow-l1')
  })
  expect((await acts()).filter((what) => what === 'start')).toHaveLength(before)
  const { l1Origin } = (await head()) ?? {}
  expect(nodes[0]?.l1.block(l1Origin?.number ?? 0n).hash).toBe(l1Origin?.hash)
  await close()
})
