import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import type { Host } from './devnet/host.ts'
import { until } from './devnet/wait.ts'
import { blocks, committed, history, latest } from './recovery/scene.ts'

// No batcher, so that L1 has nothing to derive from; recovery "ask", and no access to engine or machine: what the
// standby lacks comes from Baton or from nowhere.
let rig: Rig
let standby: Host

beforeAll(async () => {
  rig = await Rig.create({
    blockTime: 1,
    batcher: false,
    storage: () => ({ scheme: 'hash', gcmode: 'archive', engine: 'leveldb' }),
  })
  await rig.devnet.start()
  const host = rig.devnet.hosts[2]
  if (!host) throw new Error('three hosts are needed')
  standby = host
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
})
afterAll(async () => {
  await rig?.stop()
})

test('a standby whose op-node was away for 40 blocks and has no peers is kept at the head', async () => {
  await blocks(rig, 5)
  await standby.killOpNode()
  const from = await committed(rig)
  await blocks(rig, 40)
  await standby.startOpNode({ p2p: false })
  const began = Date.now()
  await until('it is at the head', async () => (await latest(standby)) >= (await committed(rig)) - 3, {
    within: 30_000,
    every: 100,
  })
  console.log(
    `${(await committed(rig)) - from} blocks: at the head ${Date.now() - began} ms after the start of op-node`,
  )
  // It stays there, although no peer sends it anything.
  for (let i = 0; i < 5; i++) {
    await blocks(rig, 3)
    expect(await latest(standby)).toBeGreaterThanOrEqual((await committed(rig)) - 8)
  }
  const acts = (await history(rig, standby, began)).map(({ what }) => what)
  expect(acts).toContain('top-up')
  expect(acts).not.toContain('recovery')
  await standby.killOpNode()
  await standby.startOpNode({ p2p: true })
  await rig.healthy(60_000)
  await checkChain(rig)
})
