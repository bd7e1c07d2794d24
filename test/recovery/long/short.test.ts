import { expect, test } from 'vitest'
import { planRecovery } from '../../../lib/operations/crash-recovery/recover.ts'
import { recover } from '../../../lib/operations/crash-recovery/run.ts'
import { setRecoveryStage } from '../stage.ts'

test('a node whose execution client is short: its derivation is reset, and it is given blocks, without a host', async () => {
  const { ports, chain, until, endMonitor, close } = await setRecoveryStage()
  chain.batcher.running = false
  await until('blocks to lose', () => chain.node('bob').execution.head.number > 30n)
  await endMonitor()
  // Nothing comes from its peers.
  chain.node('bob').isolate()
  chain.node('bob').holdInMemory(26n)
  await chain.node('bob').kill('execution')
  await chain.node('bob').restart('execution')
  const { damage, remedies: rungs } = await planRecovery(ports, 'bob')
  expect(damage.kind).toBe('execution-short')
  expect(rungs.filter(({ obstacle }) => !obstacle).map(({ method }) => method)).toEqual(['reset-derivation'])
  await ports.port('ada').stop()
  const { outcome, steps } = await recover(ports, 'bob', { actor: { kind: 'operator', name: 'ann' } })
  expect(outcome).toBe('recovered')
  expect(steps.map(({ method, failed }) => (failed ? `${method} failed` : method))).toEqual([
    'reset-derivation',
    'fill',
  ])
  await close()
})
