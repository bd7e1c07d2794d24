import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import { ask } from '../../lib/monitor/acts/ask.ts'
import { pause } from '../../lib/operator/modes.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { virtualFleet } from './virtual-fleet.ts'

/** A chain that ada leads, what a monitor saw of it, and what that monitor had decided when its process froze. */
async function frozen(act: 'stop' | 'reset-derivation') {
  const fleet = virtualFleet()
  await fleet.begin()
  const end = fleet.watch()
  await fleet.run(10_000)
  const memory = freshMemory()
  const seen = observeChain(fleet.ports, memory)
  await fleet.run(100)
  const view = await seen
  expect(view.head?.leader).toBe('ada')
  const reasons = [reason('fenced-sequencing', {}, 'bob')]
  const sent = { stop: 0, 'reset-derivation': 0 }
  const { port } = fleet.ports
  const counting = (name: string) => ({
    ...port(name),
    stop: () => {
      sent.stop++
      return port(name).stop()
    },
    resetDerivation: () => {
      sent['reset-derivation']++
      return port(name).resetDerivation()
    },
  })
  const thaw = async () => {
    ask({ ...fleet.ports, port: counting }, memory, view, { act, node: 'bob', reasons })
    await fleet.run(100)
    return sent[act]
  }
  return { fleet, end, thaw }
}

test.each(['stop', 'reset-derivation'] as const)('%s: bob leads by the time a frozen monitor goes on', async (act) => {
  const { fleet, thaw } = await frozen(act)
  const asked = switchover(fleet.ports, { to: 'bob', by: 'ann' })
  await fleet.run(5_000)
  await asked
  expect(await fleet.ports.heads.read('901')).toMatchObject({ leader: 'bob', term: 2, committedTerm: 2 })
  expect(await thaw()).toBe(0)
  expect(fleet.node('bob').consensus.sequencer.active).toBe(true)
  fleet.halt()
})

test.each(['stop', 'reset-derivation'] as const)('%s: an operator paused Baton in the meantime', async (act) => {
  const { fleet, end, thaw } = await frozen(act)
  const paused = pause(fleet.ports, 'ann')
  await fleet.run(1_000)
  await paused
  end()
  expect(await thaw()).toBe(0)
  fleet.halt()
})

test.each(['stop', 'reset-derivation'] as const)(
  '%s: nothing but blocks and renewals since: it is sent',
  async (act) => {
    const { fleet, thaw } = await frozen(act)
    await fleet.run(5_000)
    expect(await thaw()).toBe(1)
    fleet.halt()
  },
)
