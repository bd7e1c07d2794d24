import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import { carryOut } from '../../lib/monitor/carry-out.ts'
import { setMode } from '../../lib/protocol/control.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { setStage } from './stage.ts'

test('a grant whose write lost against an order is not recorded as made', async () => {
  const stage = await setStage()
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await kill()
  const { ports } = stage
  const memory = freshMemory()
  const view = await observeChain(ports, memory)
  const before = await ports.leases.read('901')
  if (!before) throw new Error('there is no lease')
  await ports.leases.write('901', setMode(before, 'paused', 'ann', ports.clock.now()))
  const grant = {
    to: 'bob',
    cause: { code: 'stalled', by: 'baton' },
    overLease: true,
    automatic: true,
    sameRound: false,
    leaseMs: 3_000,
  } as const
  const next = await carryOut(ports, memory, view, { act: 'grant', grant, reasons: [reason('stalled', { ageMs: 9 })] })
  expect(next).toBe('look')
  expect((await ports.leases.read('901'))?.term).toBe(before.term)
  const told = await ports.history.list('901')
  expect(told.filter(({ what, node }) => what === 'grant' && node === 'bob')).toEqual([])
  await stage.close()
})
