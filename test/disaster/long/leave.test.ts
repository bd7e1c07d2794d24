import { expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { leaveToOpConductor } from '../../../lib/operations/disaster/leave.ts'
import type { Stage } from '../../monitor/stage.ts'
import { eachStanding, headOf } from '../standing.ts'

let stage: Stage
let ports: ChainPorts

eachStanding((made) => {
  stage = made
  ports = made.ports
})

test('a leader that an earlier try has stopped is handed over', async () => {
  const { hash, number } = await headOf(stage)
  expect(await leaveToOpConductor(ports, { hash, by: 'ann' })).toEqual({ number, hash })
  expect((await headOf(stage)).leader).toBe('')
  await expect(leaveToOpConductor(ports, { hash, by: 'ann' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining(hash),
  })
})

test('a leader that stops and does not answer is handed over where it stands', async () => {
  const { hash, number } = await headOf(stage)
  await ports.port('ada').start(hash)
  await stage.until('another block', async () => (await headOf(stage)).number > number)
  const port: ChainPorts['port'] = (name) => ({
    ...ports.port(name),
    async stop() {
      await ports.port(name).stop()
      throw new DOMException('no answer', 'TimeoutError')
    },
  })
  const last = await leaveToOpConductor({ ...ports, port }, { hash, by: 'ann' })
  expect(await headOf(stage)).toMatchObject({ leader: '', ...last })
  expect(stage.committed.at(-1)?.hash).toBe(last.hash)
})

test('a leader that is not seen to stand: the head stays its own, and the error says what was done', async () => {
  const { hash } = await headOf(stage)
  await stage.chain.node('ada').kill('consensus')
  await expect(leaveToOpConductor(ports, { hash, by: 'ann' })).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringMatching(/^ada was asked to stop .* does not answer.*Baton is paused/),
  })
  expect((await headOf(stage)).leader).toBe('ada')
  expect((await ports.leases.read('901'))?.mode).toBe('paused')
})
