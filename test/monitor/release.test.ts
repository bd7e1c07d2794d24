import { expect, test } from 'vitest'
import { acts } from '../../lib/operator/acts.ts'
import { resume } from '../../lib/operator/modes.ts'
import { quarantine, setMode } from '../../lib/protocol/control.ts'
import type { Quarantine } from '../../lib/protocol/records.ts'
import { virtualFleet } from './virtual-fleet.ts'

/** A paused chain with a quarantined node that the configuration has no more. */
async function without(node: string, kind: string) {
  const { ports, begin } = virtualFleet()
  await begin()
  const read = async () => {
    const lease = await ports.leases.read('901')
    if (!lease) throw new Error('the chain has a lease')
    return lease
  }
  const entry: Quarantine = { since: ports.clock.now(), why: 'x', by: 'ann', kind, owner: 'run-1' }
  await ports.leases.write('901', setMode(await read(), 'paused', 'ann', ports.clock.now()))
  await ports.leases.write('901', quarantine(await read(), node, entry))
  return { ports, read, release: (input: object) => acts.release.run(ports, input, 'bea') }
}

test.each(['operator', 'recovery', 'recovery-failed', 'awaits-restart', 'upgrade'])(
  'a node that was removed or renamed is released: %s',
  async (kind) => {
    const { read, release } = await without('dan', kind)
    await release({ node: 'dan' })
    expect((await read()).quarantine).toEqual({})
  },
)

test('one that published without commits: by force, and Baton can be resumed then', async () => {
  const { ports, read, release } = await without('dan', 'override')
  await expect(resume(ports, 'bea')).rejects.toMatchObject({ name: 'RefusedActError' })
  await expect(release({ node: 'dan' })).rejects.toMatchObject({
    name: 'RefusedActError',
    remedy: expect.stringContaining('"baton quarantine dan --lift --force"'),
  })
  expect((await read()).quarantine).toHaveProperty('dan')
  await release({ node: 'dan', force: true })
  expect((await read()).quarantine).toEqual({})
  expect((await resume(ports, 'bea')).mode).toBe('auto')
})

test('a name that neither the configuration nor the lease has is refused', async () => {
  const { read, release } = await without('dan', 'operator')
  for (const node of ['eve', 'constructor'])
    await expect(release({ node, force: true })).rejects.toThrow(`no node "${node}" is configured`)
  expect((await read()).orders).toBe(2)
})
