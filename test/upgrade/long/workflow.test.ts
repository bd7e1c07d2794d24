import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import type { EndedStep, Host } from '../../../lib/host/host.ts'
import { HostUnreachable } from '../../../lib/host/host.ts'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { upgrade } from '../../../lib/operations/upgrade/operation.ts'
import { changeQuarantine } from '../../../lib/operator/quarantine.ts'
import { type Stage, setStage } from '../../monitor/stage.ts'
import { faultsOf } from '../../operations/interpret.ts'
import { runMachine, task } from '../../operations/run-machine.ts'

// The definition that is deployed, run by a local interpreter, with the deployed steps, on simulated nodes.

const definition = toStateMachine(upgrade, task)

let stage: Stage
let ports: ChainPorts
/** What was begun on machines, in order; and what goes wrong. */
let begun: string[]
type Broken = 'does not start' | 'says it failed' | 'answer lost' | 'step refused' | 'step not delivered'
let broken: { node: string; how: Broken } | undefined

beforeEach(async () => {
  stage = await setStage()
  begun = []
  broken = undefined
  ports = { ...stage.ports, host: machineOf }
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('armed', async () => ((await ports.leases.read('901'))?.armedAt ?? 0) > 0)
})
afterEach(() => stage.close())

/** The machine of a simulated node behind something that runs a step on its own, as Systems Manager does. */
function machineOf(name: string): Host {
  const commands = new Map<string, EndedStep | undefined>()
  const upgrade = async (id: string) => {
    await stage.chain.node(name).kill('consensus')
    if (broken?.node !== name) await stage.chain.node(name).restart('consensus')
    const failed = broken?.node === name && broken.how === 'says it failed'
    commands.set(id, { step: 'upgrade', exitCode: failed ? 3 : 0, stdout: '', stderr: failed ? 'no such version' : '' })
  }
  const host: Host = {
    run: () => Promise.reject(new Error('a function does not wait for a step')),
    async begin() {
      const is = (how: Broken) => broken?.node === name && broken.how === how
      if (is('step refused')) throw new HostUnreachable('upgrade', 'InvalidInstanceId', 'See.', 'nothing')
      if (is('step not delivered')) return 'lost'
      begun.push(name)
      const id = randomUUID()
      commands.set(id, undefined)
      machines.set(id, commands)
      void upgrade(id)
      if (broken?.how === 'answer lost') throw new HostUnreachable('upgrade', 'no answer', 'look', 'unknown')
      return id
    },
    async ask(_, id) {
      if (id === 'lost') throw new HostUnreachable('upgrade', 'SSM says Undeliverable', 'See.', 'nothing')
      return machines.get(id)?.get(id)
    },
  }
  return host
}
const machines = new Map<string, Map<string, EndedStep | undefined>>()

type Ended = { readonly path: readonly string[]; readonly cause: string }

/** Runs the state machine; `after` is called with each call, and may fail it after it was made. */
async function run(input: object, after: (step: string) => void = () => {}): Promise<Ended> {
  const order = { chain: '901', by: 'ann', to: 'v2', expect: '', resume: false, alone: false, dryRun: false }
  const given = { ...order, within: 3, bake: 1, ...input }
  const { path, error } = await runMachine(upgrade, ports, given, { sliceMs: 300, after: (name) => after(name) })
  return { path, cause: error?.message ?? '' }
}

const what = async () =>
  (await ports.history.list('901')).map((record) => record.what).filter((w) => /^upgrade/.test(w))
const quarantined = async () => Object.keys((await ports.leases.read('901'))?.quarantine ?? {})

test('the definition is valid, and without what the local interpreter would ignore', () => {
  expect(faultsOf(definition)).toEqual([])
})

test('a dry run reports the plan and changes nothing; what is in the way is reported, and nothing is begun', async () => {
  expect((await run({ dryRun: true })).path.at(-1)).toBe('Would upgrade')
  expect((await run({ expect: 'simulated' })).path.at(-1)).toBe('Nothing to do')
  const byVersionBefore = { since: Date.now(), why: 'upgrade to v1', by: 'bea' }
  await changeQuarantine(ports, 'bob', byVersionBefore, 'bea')
  const held = await run({})
  expect(held.path.at(-1)).toBe('Blocked')
  expect(held.cause).toContain('would not begin: bob is out for an upgrade to v1 (bea)')
  expect((await run({ resume: true })).path.at(-1)).toBe('Not planned')
  expect(await what()).toEqual([])
  expect(begun).toEqual([])
}, 20_000)

test('standbys, the lead, the old leader; a call that is made twice does nothing twice', async () => {
  const failed = new Set<string>()
  const { path, cause } = await run({}, (name) => {
    if (failed.has(name) || name === 'Install' || name === 'Begin') return
    failed.add(name)
    throw new Error('the answer was lost')
  })
  expect([path.at(-1), cause]).toEqual(['Upgraded', ''])
  expect(failed.size).toBe(10)
  expect(begun).toEqual(['cyd', 'bob', 'ada'])
  expect((await ports.heads.read('901'))?.leader).toBe('bob')
  expect(await quarantined()).toEqual([])
  expect(new Set(await what())).toEqual(new Set(['upgrade-begun', 'upgrade-node', 'upgrade-done']))
}, 60_000)

test('a command that may have been begun is not begun again: it stops, and a person looks', async () => {
  const { path, cause } = await run({}, (name) => {
    if (name === 'Install') throw new Error('the answer was lost')
  })
  expect(path.slice(-3)).toEqual(['Install', 'Stop', 'Stopped'])
  expect(cause).toBe('the answer was lost')
  expect(begun).toEqual(['cyd'])
  expect(await quarantined()).toEqual(['cyd'])
}, 20_000)

test('a second one is held while the first is at work, and does not take it over', async () => {
  const first = run({ bake: 0 })
  await stage.until('it is at work', async () => (await quarantined()).length > 0)
  const second = await run({ by: 'bea' })
  expect([second.path.at(-1), second.cause]).toEqual([
    'Blocked',
    expect.stringContaining('upgrade to v2 by ann is under'),
  ])
  expect((await first).path.at(-1)).toBe('Upgraded')
  expect(begun).toEqual(['cyd', 'bob', 'ada'])
}, 60_000)

test.each([
  ['does not start', 'not fit within 3 s'],
  ['says it failed', 'the step ended with 3: no such version'],
  ['answer lost', 'no answer'],
] as const)(
  'a version that %s: stops at the first standby, which stays out, and is resumed',
  async (how, reported) => {
    broken = { node: 'cyd', how }
    const { path, cause } = await run({})
    expect(path.slice(-2)).toEqual(['Stop', 'Stopped'])
    expect(cause).toContain(reported)
    expect(begun).toEqual(['cyd'])
    expect(await quarantined()).toEqual(['cyd'])
    expect((await what())[0]).toBe('upgrade-stopped')
    const before = stage.committed.length
    await stage.until('blocks', () => stage.committed.length > before + 2)

    broken = undefined
    await stage.chain.node('cyd').restart('consensus')
    const resumed = await run({ resume: true })
    expect([resumed.path.at(-1), resumed.cause]).toEqual(['Upgraded', ''])
    expect(begun).toEqual(['cyd', 'cyd', 'bob', 'ada'])
  },
  60_000,
)

test.each(['step refused', 'step not delivered'] as const)(
  '%s: nothing was run on the machine, so the node is as eligible as before, and it is resumed',
  async (how) => {
    broken = { node: 'cyd', how }
    const { path } = await run({})
    expect(path.slice(-2)).toEqual(['Stop', 'Stopped'])
    expect(begun).toEqual([])
    expect(await quarantined()).toEqual([])
    expect((await what())[0]).toBe('upgrade-stopped')
    broken = undefined
    expect((await run({ resume: true })).path.at(-1)).toBe('Upgraded')
    expect(begun).toEqual(['cyd', 'bob', 'ada'])
  },
  60_000,
)
