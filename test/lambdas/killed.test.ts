import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { apiEvent } from './harness/events.ts'
import { CHAIN, commitBody, type GateRig, openGate } from './harness/gate.ts'

vi.stubEnv('BATON_TEST_FAKES', '1')
let rig: GateRig
const unheard: unknown[] = []
const hear = (error: unknown) => void unheard.push(error)
beforeEach(async () => {
  rig = await openGate()
  unheard.length = 0
  process.on('unhandledRejection', hear)
})
afterEach(async () => {
  process.off('unhandledRejection', hear)
  await rig.close()
})

const commit = (number: number) =>
  rig.gate.invoke(apiEvent({ chain: CHAIN, node: 'a', secret: 'secret-of-a', body: commitBody(number) }))

test('an end the test asked for leaves no promise behind that nobody awaits', async () => {
  for (let i = 0; i < 3; i++) void commit(11)
  const awaited = commit(11)
  await rig.gate.kill()
  await expect(awaited).rejects.toThrow('gate ended')
  await expect(commit(11)).rejects.toThrow('gate ended')
  await sleep(50)
  expect(unheard).toEqual([])
})
