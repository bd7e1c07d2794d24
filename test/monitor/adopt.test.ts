import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { pauseWithout } from '../../lib/operations/disaster/close.ts'
import { adopt } from '../../lib/operator/adopt.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { l2 } from '../protocol/scene.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

test('another process gives the chain a head meanwhile: the error says that the sequencer stays stopped', async () => {
  const { ports } = stage
  const ada = ports.port('ada')
  await ada.override?.()
  await stage.until('ada started', async () => (await ada.start((await ada.unsafe()).hash)).outcome === 'started')
  await stage.until('blocks outside Baton', async () => (await ports.port('bob').unsafe()).number > 1n)
  const other = l2(7n)
  const raced: ChainPorts = {
    ...ports,
    heads: {
      ...ports.heads,
      async write(chain, write) {
        await ports.heads.write(chain, seedHead(other, 0, 1))
        return await ports.heads.write(chain, write)
      },
    },
  }
  await expect(adopt(raced, { to: 'bob', by: 'ann' })).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringContaining('ada stays stopped'),
  })
  expect((await ports.heads.read('901'))?.hash).toBe(other.hash)
})

test('no gate answers: refused, and the old sequencer goes on', async () => {
  const { ports } = stage
  const ada = ports.port('ada')
  await ada.override?.()
  await stage.until('ada started', async () => (await ada.start((await ada.unsafe()).hash)).outcome === 'started')
  const without: ChainPorts = { ...ports, gate: async () => ({ ok: false, message: 'ETIMEDOUT' }) }
  await expect(adopt(without, { to: 'bob', by: 'ann' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('the gate does not answer (ETIMEDOUT)'),
  })
  const before = (await ada.unsafe()).number
  await stage.until('it goes on', async () => (await ada.unsafe()).number > before)
  expect(await ports.heads.read('901')).toBeUndefined()
})

/** Starts a node's sequencer at its head without asking anybody, as outside Baton. */
async function sequences(name: string): Promise<void> {
  const port = stage.ports.port(name)
  await port.override?.()
  await stage.until(`${name} started`, async () => (await port.start((await port.unsafe()).hash)).outcome === 'started')
}

test.for([
  { who: ['ada', 'bob'], says: 'ada and bob both sequence' },
  { who: ['bob', 'cyd'], says: 'bob and cyd both sequence' },
  { who: ['ada', 'bob', 'cyd'], says: 'ada and bob and cyd all sequence' },
])('more than one sequences ($who): refused no matter which is named, and none is stopped', async ({ who, says }) => {
  for (const name of who) await sequences(name)
  for (const to of ['ada', 'bob', 'cyd']) {
    await expect(adopt(stage.ports, { to, by: 'ann' })).rejects.toMatchObject({
      name: 'RefusedActError',
      message: says,
      remedy: expect.stringContaining('admin_stopSequencer'),
    })
  }
  expect(await stage.ports.heads.read('901')).toBeUndefined()
  for (const name of who) expect(stage.chain.node(name).consensus.sequencer.active).toBe(true)
  const monitor = stage.monitor()
  const waits = () => monitor.latest()?.decision.reasons[0]?.evidence.message
  await stage.until('all are named', () => String(waits()).startsWith(`${who.join(' and ')} sequence`))
})

test('one sequences and another is frozen: whether it does, too, is not known, and nothing is done', async () => {
  await sequences('ada')
  stage.chain.node('cyd').freeze('host')
  await expect(adopt(stage.ports, { to: 'bob', by: 'ann' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('whether cyd sequences, too, is not known'),
  })
  expect(stage.chain.node('ada').consensus.sequencer.active).toBe(true)
})

test('one sequences and another has ended: the chain is taken over', async () => {
  await sequences('ada')
  await stage.chain.node('cyd').kill('host')
  await adopt(stage.ports, { to: 'bob', by: 'ann' })
  stage.monitor()
  await stage.leads((leader) => leader === 'bob')
})

test('an override is ordered while the head is written: the operator sees that no node is asked for', async () => {
  const { ports } = stage
  await sequences('ada')
  await stage.until('blocks outside Baton', async () => (await ports.port('bob').unsafe()).number > 1n)
  const raced: ChainPorts = {
    ...ports,
    heads: {
      ...ports.heads,
      async write(chain, write) {
        const written = await ports.heads.write(chain, write)
        await ports.leases.write(chain, seedLease('', 0, { kind: 'baton', name: 'baton' }, 1))
        await pauseWithout(ports, 'ada', 'bea')
        return written
      },
    },
  }
  await expect(adopt(raced, { to: 'bob', by: 'ann' })).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringContaining('bob is not asked for: ada publishes without commits, by order of bea'),
  })
  expect((await ports.leases.read('901'))?.switchover).toBeUndefined()
})
