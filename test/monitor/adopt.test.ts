import { afterEach, beforeEach, expect, test } from 'vitest'
import { adopt } from '../../lib/monitor/operate/adopt.ts'
import type { ChainPorts } from '../../lib/monitor/ports.ts'
import { seedHead } from '../../lib/protocol/seed.ts'
import { l2 } from '../protocol/scene.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

test('somebody else gives the chain a head meanwhile: the error says that the sequencer stays stopped', async () => {
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
