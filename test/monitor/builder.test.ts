import { expect, test } from 'vitest'
import type { BuilderPort } from '../../lib/builder/watch.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import type { Ticked } from '../../lib/monitor/tick.ts'
import { type BoostHealth, type BoostWindow, followBoost } from '../../lib/protocol/builder.ts'
import { virtualFleet } from './virtual-fleet.ts'

/** A fleet on virtual time whose builders are as healthy as set, asked once a turn. */
async function withBuilders(said: Record<string, BoostHealth>) {
  const fleet = virtualFleet()
  const { policy, clock } = fleet.ports
  const windows: Record<string, BoostWindow> = {}
  const builders: BuilderPort = {
    latest() {
      for (const [name, health] of Object.entries(said))
        windows[name] = followBoost(windows[name], { health, at: clock.now() }, policy)
      return Object.fromEntries(Object.entries(windows).map(([name, boost]) => [name, { boost, streams: false }]))
    },
    ask: async () => {},
    listen: () => () => {},
  }
  await fleet.begin()
  const turns: Ticked[] = []
  const onTick = (ticked: Ticked) => void turns.push(ticked)
  void runMonitor({ ...fleet.ports, builders }, { owner: 'm', signal: new AbortController().signal, onTick })
  const grants = async () =>
    (await fleet.ports.history.list('901')).filter(({ what }) => what === 'grant').map(({ node }) => node)
  return { fleet, said, turns, grants, leader: async () => (await fleet.ports.heads.read('901'))?.leader }
}

test('sequencing moves to a node whose builder works, once, between two blocks, without a page', async () => {
  const { fleet, said, turns, grants, leader } = await withBuilders({ ada: 'healthy', bob: 'partial', cyd: 'healthy' })
  await fleet.run(70_000)
  expect(await leader()).toBe('ada')
  turns.splice(0)
  const before = (await fleet.ports.heads.read('901'))?.number ?? 0n
  said.ada = 'unhealthy'
  await fleet.run(10_000)
  expect(await leader()).toBe('cyd')
  expect(await grants()).toEqual(['cyd', 'ada'])
  // Blocks of 1 s: no slot was missed.
  expect((await fleet.ports.heads.read('901'))?.number).toBeGreaterThanOrEqual(before + 9n)
  expect(turns.flatMap(({ decision }) => decision.page)).toEqual([])
  fleet.halt()
})

test('builders that fail in turn cost half of the budget at most, and a dead leader is still replaced', async () => {
  const { fleet, said, grants, leader } = await withBuilders({ ada: 'healthy', bob: 'healthy', cyd: 'healthy' })
  for (let minute = 0; minute < 20; minute++) {
    const now = (await leader()) ?? ''
    for (const name of Object.keys(said)) said[name] = name === now ? 'down' : 'healthy'
    await fleet.run(70_000)
  }
  const { budgetPerHour } = fleet.ports.policy
  const soft = (await grants()).length
  expect(soft).toBeGreaterThan(3)
  expect(soft).toBeLessThanOrEqual(1 + budgetPerHour / 2)
  const last = (await leader()) ?? ''
  fleet.kill(last)
  await fleet.run(5_000)
  expect(await leader()).not.toBe(last)
  fleet.halt()
})
