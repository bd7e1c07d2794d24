import { afterAll, beforeAll, expect, test } from 'vitest'
import { adopt } from '../../lib/operator/adopt.ts'
import type { BlockId } from '../../lib/protocol/block.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { pause, until } from './devnet/wait.ts'
import { anotherLeads, gapDuring } from './scenarios.ts'

let rig: Rig
let wired: (index: number) => string | undefined

beforeAll(async () => {
  rig = await Rig.create({ conductorRpc: () => undefined })
  wired = (index) => rig.wire.conductorRpc(901, `node${index}`, `s3cret/of-node${index}`)
  await rig.devnet.start()
  await rig.devnet.startSequencer(0)
})
afterAll(() => rig?.stop())

test('a chain that runs without Baton is adopted without a missed slot', async () => {
  const [old, target, other] = rig.devnet.hosts
  if (!old || !target || !other) throw new Error('three hosts are needed')
  await rig.startGate()
  rig.startMonitor()
  for (const host of [target, other]) {
    await host.killOpNode()
    await host.startOpNode({ conductorRpc: wired(host.index) })
  }
  await rig.devnet.connectPeers()
  await pause(4_000)
  expect(await rig.ports.heads.read('901'), 'while another sequences, Baton only observes').toBeUndefined()
  await until('the target follows', async () => {
    const look = await rig.ports.port(target.name).observe(undefined)
    return look.consensus.ok && look.consensus.value.unsafe.number > 3n
  })

  let adopted: BlockId = { number: 0n, hash: '0x' }
  const gap = await gapDuring(rig, other, async () => {
    adopted = await adopt(rig.ports, { to: target.name, by: 'test' })
    expect(await anotherLeads(rig, '')).toBe(target.name)
  })
  expect(await chainArchive(rig.ports.objects, '901').get(adopted), 'only the nodes had it until then').toBeDefined()
  console.log('adoption:', gap.seconds.toFixed(2), 's')
  expect(gap.replaced).toEqual([])
  expect(gap.missedSlots).toBeLessThanOrEqual(1)

  await old.killOpNode()
  await old.startOpNode({ conductorRpc: wired(old.index) })
  await rig.devnet.connectPeers()
  expect(await rig.healthy()).toBe(target.name)
  await checkChain(rig)
})

test('and fails over from then on', async () => {
  const name = await rig.healthy()
  const leader = rig.devnet.hosts.find((host) => host.name === name)
  await leader?.killOpNode()
  await anotherLeads(rig, name)
  await leader?.startOpNode()
  await rig.healthy()
  await checkChain(rig)
})
