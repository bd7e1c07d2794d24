import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOutcome, switchoverOnce } from '../../lib/operator/switchover-once.ts'
import type { AskedSwitchover } from '../../lib/protocol/outcome.ts'
import { headOf, running } from '../disaster/standing.ts'

let stage: Awaited<ReturnType<typeof running>>
beforeEach(async () => {
  stage = await running()
})
afterEach(() => stage.close())

const by = 'ada'
const ask = (id: string, to = 'bob') => switchoverOnce(stage.ports, { to, by, id })
const outcome = (asked: AskedSwitchover) => readOutcome(stage.ports, asked)

test('two executions of the same person for the same node are two: the second is refused while one is pending', async () => {
  await stage.killMonitor()
  const asked = await ask('one')
  expect(await ask('one')).toEqual(asked)
  await expect(ask('two')).rejects.toMatchObject({ name: 'RefusedActError' })
})

test('what was carried out is found by its owner, and asks for nothing again; another owner asks again', async () => {
  const first = await ask('one')
  await stage.leads((leader) => leader === 'bob')
  const { term } = await headOf(stage)
  await stage.until('a commit of the new term', async () => (await headOf(stage)).committedTerm === term)
  expect(await outcome(first)).toMatchObject({ outcome: 'moved', leader: 'bob' })
  expect(await ask('one')).toEqual(first)
  await expect(ask('two')).rejects.toThrow('bob already holds')
  const back = await ask('three', 'ada')
  await stage.leads((leader) => leader === 'ada')
  const after = await headOf(stage)
  await stage.until('a commit after the way back', async () => (await headOf(stage)).committedTerm === after.term)
  expect(await outcome(back)).toMatchObject({ outcome: 'moved', leader: 'ada' })
  // Another switchover ended the term of the first: its owner learns that another node goes on.
  expect(await outcome(first)).toMatchObject({ outcome: 'overtaken', leader: 'ada' })
})
