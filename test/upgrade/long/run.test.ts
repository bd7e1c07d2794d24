import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import type { Host } from '../../../lib/host/host.ts'
import { previewUpgrade } from '../../../lib/operations/upgrade/preview.ts'
import { upgrade } from '../../../lib/operations/upgrade/run.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import { switchedStores } from '../../../lib/simulator/drills/set-stage.ts'
import { type Stage, setStage } from '../../monitor/stage.ts'

let stage: Stage
let ports: ChainPorts
/** What was upgraded, in order, and what goes wrong with one. */
let upgraded: string[]
/** What happens while a node is installed. */
let meanwhile: () => Promise<void>
let broken: { node: string; how: 'does not start' | 'says it failed' } | undefined

beforeEach(async () => {
  stage = await setStage()
  upgraded = []
  meanwhile = async () => {}
  broken = undefined
  ports = { ...stage.ports, host: machineOf }
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('armed', async () => ((await ports.leases.read('901'))?.armedAt ?? 0) > 0)
})
afterEach(() => stage.close())

/** The machine of a simulated node: its upgrade restarts the consensus client. */
function machineOf(name: string): Host {
  const done = (exitCode: number, stderr = '') => ({ step: 'upgrade', exitCode, stdout: '', stderr, ms: 1 })
  return {
    async run() {
      upgraded.push(name)
      await meanwhile()
      if (broken?.node === name && broken.how === 'says it failed') return done(3, 'no such version')
      await stage.chain.node(name).kill('consensus')
      if (broken?.node !== name) await stage.chain.node(name).restart('consensus')
      return done(0)
    },
  }
}

const order = { to: 'v2', by: 'ann', bakeMs: 500, withinMs: 2_500 }
const what = async () =>
  (await ports.history.list('901')).map((record) => record.what).filter((w) => /^upgrade/.test(w))
const quarantined = async () => Object.keys((await ports.leases.read('901'))?.quarantine ?? {})

test('standbys, switchover, old leader; every block is there', async () => {
  const steps = await upgrade(ports, order)
  expect(upgraded).toEqual(['cyd', 'bob', 'ada'])
  expect(steps).toEqual([
    'upgrade cyd to v2',
    'upgrade bob to v2',
    'move sequencing from ada to bob',
    'upgrade ada to v2',
  ])
  expect((await ports.heads.read('901'))?.leader).toBe('bob')
  expect(await quarantined()).toEqual([])
  expect((await what()).reverse()).toEqual(['upgrade-begun', ...Array(3).fill('upgrade-node'), 'upgrade-done'])
}, 30_000)

test('a store that fails one of five calls is no reason to stop', async () => {
  let calls = 0
  const flaky = { ...ports, ...switchedStores(ports, () => calls++ % 5 === 4) }
  await upgrade(flaky, order)
  expect(upgraded).toEqual(['cyd', 'bob', 'ada'])
  expect(await quarantined()).toEqual([])
}, 60_000)

describe('a version that is no good', () => {
  test('does not start: stops at the first standby, which stays out; the chain goes on; then resumed', async () => {
    broken = { node: 'cyd', how: 'does not start' }
    await expect(upgrade(ports, order)).rejects.toMatchObject({ name: 'UpgradeStopped', node: 'cyd' })
    expect(upgraded).toEqual(['cyd'])
    expect(await quarantined()).toEqual(['cyd'])
    const before = stage.committed.length
    await stage.until('blocks', () => stage.committed.length > before + 2)
    expect((await what())[0]).toBe('upgrade-stopped')

    broken = undefined
    await stage.chain.node('cyd').restart('consensus')
    await upgrade(ports, { ...order, resume: true })
    expect(upgraded).toEqual(['cyd', 'cyd', 'bob', 'ada'])
    expect(await quarantined()).toEqual([])
  }, 40_000)
})

test('what is done is not done again when another process goes on', async () => {
  broken = { node: 'bob', how: 'says it failed' }
  await expect(upgrade(ports, order)).rejects.toMatchObject({ node: 'bob' })
  broken = undefined
  await upgrade(ports, { ...order, resume: true })
  expect(upgraded).toEqual(['cyd', 'bob', 'bob', 'ada'])
}, 30_000)

describe('while one is at work', () => {
  test('another is not begun, nor resumed by another operator; the first continues', async () => {
    const refused: unknown[] = []
    meanwhile = async () => {
      const seconds = [order, { ...order, by: 'bea' }, { ...order, by: 'bea', resume: true }, { ...order, to: 'v3' }]
      for (const each of seconds) refused.push(await upgrade(ports, each).catch((error: unknown) => error))
      meanwhile = async () => {}
    }
    await upgrade(ports, order)
    expect(upgraded).toEqual(['cyd', 'bob', 'ada'])
    expect(refused).toMatchObject([
      { name: 'RefusedActError', message: expect.stringContaining('an upgrade to v2 by ann is under way') },
      { name: 'RefusedActError' },
      { message: expect.stringContaining('not resumed: '), remedy: expect.stringContaining('quarantine cyd --lift') },
      { name: 'RefusedActError' },
    ])
    expect(await quarantined()).toEqual([])
  }, 30_000)

  test('a node that an operator takes out stays out: the upgrade stops there', async () => {
    meanwhile = async () => void (await setQuarantine(ports, 'cyd', 'bad disk', 'bea'))
    await expect(upgrade(ports, order)).rejects.toThrow('stopped at cyd: bea keeps it out of eligibility: bad disk')
    expect((await ports.leases.read('901'))?.quarantine).toMatchObject({ cyd: { why: 'bad disk', by: 'bea' } })
    expect(upgraded).toEqual(['cyd'])
  }, 30_000)

  test('one that was killed is taken over once its node is put back; should it live after all, it stops', async () => {
    let first: Promise<unknown> | undefined
    meanwhile = async () => {
      meanwhile = async () => {}
      await setQuarantine(ports, 'cyd', undefined, 'bea')
      first = upgrade(ports, { ...order, by: 'bea', resume: true })
      await first
    }
    await expect(upgrade(ports, order)).rejects.toThrow('this one is not at work any more')
    await first
    expect(upgraded).toEqual(['cyd', 'cyd', 'bob', 'ada'])
  }, 40_000)
})

test('a dry run changes nothing; nothing is resumed that was not begun', async () => {
  const { steps, nodes, obstacles } = await previewUpgrade(ports, order)
  expect(obstacles).toEqual([])
  expect(steps).toHaveLength(4)
  expect(nodes.every(({ versions }) => versions.includes('simulated'))).toBe(true)
  expect(await what()).toEqual([])
  await expect(upgrade(ports, { ...order, resume: true })).rejects.toThrow('no upgrade is unfinished')
  expect(upgraded).toEqual([])
})

test('a node that has what is expected is not touched', async () => {
  expect((await previewUpgrade(ports, { ...order, expect: 'simulated' })).steps).toEqual([])
})
