import { expect, test } from 'vitest'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { runDisaster } from '../../lib/operations/disaster/run.ts'
import { eachStanding, headOf } from './standing.ts'

let stage: Parameters<Parameters<typeof eachStanding>[0]>[0]
let ports: ChainPorts

eachStanding((made) => {
  stage = made
  ports = made.ports
})

test('what was done is said with what was seen of it', async () => {
  const { hash, number } = await headOf(stage)
  const { text } = await runDisaster(ports, { act: 'override', node: 'bob', hash }, 'ann')
  const [done, seen] = text.split('\n')
  expect(done).toContain('bob publishes without commits; Baton is paused')
  expect(seen).toMatch(/^bob publishes without commits; it is at block \d+/)
  expect((await ports.port('bob').unsafe()).number).toBeGreaterThanOrEqual(number + 3n)
}, 60_000)

test('a hash that is not the head is refused with what is left, and changes nothing', async () => {
  const before = await ports.leases.read('901')
  const wrong = `0x${'ab'.repeat(32)}`
  await expect(runDisaster(ports, { act: 'override', node: 'bob', hash: wrong }, 'ann')).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('is not the committed head'),
  })
  expect((await ports.leases.read('901'))?.mode).toBe(before?.mode)
})
