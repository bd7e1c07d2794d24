import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import type { Host } from '../../../lib/host/host.ts'
import { takeOut } from '../../../lib/operations/upgrade/node.ts'
import { beginUpgrade, whileUpgrading } from '../../../lib/operations/upgrade/operation.ts'
import { upgrade } from '../../../lib/operations/upgrade/run.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import { SILENT_MS } from '../../../lib/protocol/quarantine.ts'
import { type Stage, setStage } from '../../monitor/stage.ts'

let stage: Stage
let ports: ChainPorts
let upgraded: string[]

beforeEach(async () => {
  stage = await setStage()
  upgraded = []
  ports = { ...stage.ports, host: machineOf }
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('armed', async () => ((await ports.leases.read('901'))?.armedAt ?? 0) > 0)
})
afterEach(() => stage.close())

function machineOf(name: string): Host {
  return {
    async run() {
      upgraded.push(name)
      await stage.chain.node(name).kill('consensus')
      await stage.chain.node(name).restart('consensus')
      return { step: 'upgrade', exitCode: 0, stdout: '', stderr: '', ms: 1 }
    },
  }
}

const order = { to: 'v2', by: 'ann', bakeMs: 500, withinMs: 4_000 }
const lease = () => ports.leases.read('901')
const begun = async () => (await ports.history.list('901')).filter(({ what }) => what === 'upgrade-begun')
const later = (ms: number): ChainPorts => ({
  ...ports,
  clock: { ...ports.clock, now: () => ports.clock.now() + ms },
})
const results = async (runs: readonly Promise<unknown>[]) => {
  const ended = await Promise.allSettled(runs)
  const refused = ended.flatMap((end) => (end.status === 'rejected' ? [end.reason as Error] : []))
  return { done: ended.length - refused.length, refused }
}

test.each([
  ['by two persons', ['ann', 'bea']],
  ['by one person, on the command line and in the console', ['ann', 'ann']],
])(
  'two begun in the same moment, %s: exactly one goes on',
  async (_, names) => {
    const { done, refused } = await results(names.map((by) => upgrade(ports, { ...order, by })))
    expect(done).toBe(1)
    expect(refused).toMatchObject([{ name: 'RefusedActError', message: expect.stringContaining('is under way') }])
    expect(upgraded).toEqual(['cyd', 'bob', 'ada'])
    expect(await begun()).toHaveLength(1)
    expect(await lease()).not.toHaveProperty('upgrade')
    expect((await lease())?.quarantine).toEqual({})
  },
  60_000,
)

test('two that resume one that stopped, in the same moment: exactly one goes on', async () => {
  const host = ports.host
  ports = {
    ...ports,
    host: () => ({ run: async () => ({ step: 'upgrade', exitCode: 3, stdout: '', stderr: 'x', ms: 1 }) }),
  }
  await expect(upgrade(ports, order)).rejects.toThrow('stopped at cyd')
  expect((await lease())?.upgrade, 'it has given the work up').not.toHaveProperty('owner')
  ports = { ...ports, ...(host && { host }) }
  const { done, refused } = await results(['ann', 'bea'].map((by) => upgrade(ports, { ...order, by, resume: true })))
  expect(done).toBe(1)
  expect(refused).toMatchObject([{ name: 'RefusedActError', message: expect.stringContaining('not resumed: ') }])
  expect(upgraded).toEqual(['cyd', 'bob', 'ada'])
}, 60_000)

test('one that was killed can be resumed by anyone, its own operator too, but only once it is silent', async () => {
  const killed = { ...order, owner: 'killed' }
  await beginUpgrade(ports, killed)
  await takeOut(ports, killed, 'cyd')
  expect((await lease())?.quarantine.cyd).toMatchObject({ kind: 'upgrade', owner: 'killed', version: 'v2' })
  const resumed = { ...order, resume: true }
  await expect(upgrade(ports, resumed)).rejects.toThrow(/not resumed: an upgrade to v2 by ann is under way.*cyd is out/)
  await expect(upgrade(ports, order)).rejects.toThrow('is under way')
  // To a clock that far ahead every block is late, and a leader that has yet to insert its last one is off for a moment.
  const next = () =>
    beginUpgrade(later(SILENT_MS + 5_000), { ...resumed, by: 'bea', owner: 'next' }).then(
      () => 'begun',
      (error: Error) => error.message,
    )
  await expect.poll(next, { timeout: 20_000 }).toBe('begun')
  expect(await lease()).toMatchObject({
    upgrade: { owner: 'next', by: 'bea' },
    quarantine: { cyd: { owner: 'next', version: 'v2' } },
  })
  await expect(takeOut(ports, killed, 'cyd')).rejects.toThrow('stopped at cyd: ann keeps it out')
}, 60_000)

test('at work it is heard of again and again, with the node it has out', async () => {
  const ours = { ...order, owner: 'ours' }
  const { clock } = ports
  const hasty = {
    ...ports,
    clock: { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms / 50, signal) },
  }
  await beginUpgrade(ports, ours)
  await takeOut(ports, ours, 'cyd')
  const before = (await lease())?.upgrade?.heardAt ?? 0
  await whileUpgrading(hasty, ours, 'cyd', () =>
    stage.until('it is heard of', async () => {
      const now = await lease()
      return (now?.upgrade?.heardAt ?? 0) > before && (now?.quarantine.cyd?.heardAt ?? 0) > before
    }),
  )
  expect((await lease())?.upgrade).toMatchObject({ owner: 'ours', node: 'cyd', to: 'v2' })
}, 30_000)

test('the words of a person are no upgrade: "upgrade to v2" written by hand is not its own to the upgrade', async () => {
  await setQuarantine(ports, 'cyd', 'upgrade to v2', 'bea')
  await expect(upgrade(ports, order)).rejects.toThrow(
    'cyd is out of eligibility: upgrade to v2 (bea); release it first',
  )
}, 30_000)
