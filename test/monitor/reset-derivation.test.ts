import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import { ask } from '../../lib/monitor/acts/ask.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { setStage } from './stage.ts'

test('a node whose L1 has another chain goes back to what stands, once asked; it is reported, and not asked twice', async () => {
  const { chain, ports, monitor, leads, until, close } = await setStage()
  const { kill } = monitor()
  await leads((leader) => leader === 'ada')
  await until('some blocks', async () => ((await ports.heads.read('901'))?.number ?? 0n) >= 5n)
  await kill()
  const memory = freshMemory()
  const view = await observeChain(ports, memory)
  const bob = chain.node('bob')
  const before = (await ports.port('bob').unsafe()).number
  bob.l1.fork(0n)
  const command = {
    act: 'reset-derivation' as const,
    node: 'bob',
    reasons: [reason('taken-back', { number: '5', hash: '0x' }, 'bob')],
  }
  for (let turn = 0; turn < 3; turn++) ask(ports, memory, view, command)
  const reported = async () => (await ports.history.list('901')).filter(({ what }) => what === 'reset-derivation')
  await until('it is reported', async () => (await reported()).length > 0)
  expect(await reported()).toMatchObject([
    { node: 'bob', reasons: [{ code: 'derivation-reset' }, { code: 'taken-back' }] },
  ])
  expect((await ports.port('bob').unsafe()).number).toBeLessThan(before)
  await close()
})
