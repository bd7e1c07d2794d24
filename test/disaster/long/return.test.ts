import { expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { overrideLeader } from '../../../lib/operations/disaster/override.ts'
import { returnFromOverride } from '../../../lib/operations/disaster/return.ts'
import { moveUp } from '../../../lib/operations/disaster/take-over.ts'
import { seedHead } from '../../../lib/protocol/bootstrap.ts'
import { quarantine } from '../../../lib/protocol/control.ts'
import { reason } from '../../../lib/protocol/reason.ts'
import { switchedStores } from '../../../lib/simulator/drills/set-stage.ts'
import { memoryStores } from '../../../lib/store/memory/stores.ts'
import { MAX_INLINE_BYTES } from '../../../lib/store/payload.ts'
import type { Stage } from '../../monitor/stage.ts'
import { l2 } from '../../protocol/scene.ts'
import { eachStanding, headOf, stop } from '../standing.ts'

let stage: Stage
let ports: ChainPorts

eachStanding((made) => {
  stage = made
  ports = made.ports
})

const by = 'ann'
const above = (name: string, number: bigint) =>
  stage.until(`${name} is above`, async () => (await ports.port(name).unsafe()).number >= number)

test('cut short after the head moved: done again with its hash, it goes on', async () => {
  const { hash, number } = await headOf(stage)
  await overrideLeader(ports, { node: 'bob', hash, by })
  await above('bob', number + 3n)

  let gone = false
  const dying: ChainPorts = {
    ...ports,
    ...switchedStores(ports, () => gone),
    host: () => ({
      run: async (step) => {
        gone = true
        return { step, exitCode: 0, stdout: '', stderr: '', ms: 1 }
      },
    }),
  }
  await expect(returnFromOverride(dying, { node: 'bob', hash, by })).rejects.toThrow('the region is down')
  const moved = await headOf(stage)
  expect(moved.number).toBeGreaterThanOrEqual(number + 3n)
  expect((await ports.leases.read('901'))?.mode).toBe('paused')

  await expect(returnFromOverride(ports, { node: 'bob', hash, by })).rejects.toThrow(moved.hash)
  const returned = await returnFromOverride(ports, { node: 'bob', hash: moved.hash, by })
  expect(returned).toMatchObject({ adopted: 0, restarted: false })
  expect((await ports.leases.read('901'))?.mode).toBe('auto')
  const again = returnFromOverride(ports, { node: 'cyd', hash: moved.hash, by })
  await expect(again, 'cyd was never overridden').rejects.toThrow('not above the head')
})

test('while one node publishes without commits, no block is taken back from another: it would adopt what still grows', async () => {
  const { hash, number } = await headOf(stage)
  await overrideLeader(ports, { node: 'bob', hash, by })
  await above('cyd', number + 2n)
  await expect(returnFromOverride(ports, { node: 'cyd', hash, by: 'ben' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('bob publishes without commits, by order of ann'),
    remedy: expect.stringContaining('baton disaster return --node bob'),
  })
  expect(await headOf(stage)).toMatchObject({ hash, number })
  expect((await ports.leases.read('901'))?.mode).toBe('paused')
  expect((await returnFromOverride(ports, { node: 'bob', hash, by })).adopted).toBeGreaterThanOrEqual(2)
})

// Seed 700076755: it ended the override that was ordered meanwhile, so that a third one was not refused.
test('an override of the same node that is ordered meanwhile stays in force', async () => {
  const { hash, number } = await headOf(stage)
  await overrideLeader(ports, { node: 'bob', hash, by })
  await above('bob', number + 2n)
  const leases = () => ports.leases.read('901')
  const first = (await leases())?.quarantine.bob
  const again: ChainPorts = {
    ...ports,
    host: () => ({
      run: async (step) => {
        const lease = await leases()
        if (!lease || !first) throw new Error('bob is overridden')
        await ports.leases.write('901', quarantine(lease, 'bob', { ...first, since: first.since + 1, by: 'ben' }))
        return { step, exitCode: 0, stdout: '', stderr: '', ms: 1 }
      },
    }),
  }
  await expect(returnFromOverride(again, { node: 'bob', hash, by })).rejects.toThrow('was overridden')
  expect(await leases()).toMatchObject({ mode: 'paused', quarantine: { bob: { kind: 'override', by: 'ben' } } })
})

test('blocks on another branch are not adopted, and the error says that the node was stopped', async () => {
  stage.chain.node('bob').isolate()
  const old = await headOf(stage)
  await ports.port('bob').override?.()
  await ports.port('bob').start(old.hash)
  await ports.port('ada').start(old.hash)
  await stage.until('another block', async () => (await headOf(stage)).number > old.number)
  await stop(stage, [])
  const { hash, number } = await headOf(stage)
  await above('bob', number + 2n)
  await expect(returnFromOverride(ports, { node: 'bob', hash, by })).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringContaining('bob is stopped, none of its blocks was adopted'),
    remedy: expect.stringContaining('baton disaster re-seed --confirm HASH'),
  })
  expect((await headOf(stage)).hash).toBe(hash)
})

test.each([
  [MAX_INLINE_BYTES, true],
  [MAX_INLINE_BYTES + 1, false],
])('a payload of %d bytes goes into the head item: %s', async (size, inline) => {
  const { heads } = memoryStores()
  const seeded = await heads.write('901', seedHead(l2(100n), 4, 1, new Uint8Array(9)))
  if (!seeded.applied) throw new Error('the head could not be seeded')
  const payload = new Uint8Array(size)
  const actor = { kind: 'operator', name: by } as const
  const why = reason('returned', { from: 'bob', number: '101', hash: l2(101n).hash, count: 1 }, 'bob')
  await heads.write('901', moveUp(seeded.item, { block: l2(101n), payload }, 2, actor, why))
  const head = await heads.readWithPayload('901')
  expect(head).toMatchObject({ number: 101n, leader: '', term: 5 })
  expect(head?.payload).toEqual(inline ? payload : undefined)
})
