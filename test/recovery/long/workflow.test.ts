import { afterEach, beforeEach, expect, test } from 'vitest'
import { record } from '../../../lib/context/record.ts'
import { crashRecovery } from '../../../lib/operations/crash-recovery/operation.ts'
import { requestRecoveries } from '../../../lib/operations/crash-recovery/requests.ts'
import { takeStep } from '../../../lib/operations/engine/take-step.ts'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { UNDER_WAY } from '../../../lib/protocol/quarantine.ts'
import { reason } from '../../../lib/protocol/reason.ts'
import { faultsOf } from '../../operations/interpret.ts'
import { runMachine, task } from '../../operations/run-machine.ts'
import { type RecoveryStage, setRecoveryStage } from '../stage.ts'

const definition = toStateMachine(crashRecovery, task)

let stage: RecoveryStage
beforeEach(async () => {
  stage = await setRecoveryStage()
})
afterEach(() => stage.close())

/** Runs the state machine with the function's own steps; returns the states it went through. */
async function run(input: object): Promise<readonly string[]> {
  const given = { chain: '901', by: 'ann', ...input }
  return (await runMachine(crashRecovery, stage.ports, given)).path
}

test('the definition is valid, and without what the local interpreter would ignore', () => {
  expect(faultsOf(definition)).toEqual([])
})

test('a node that works: nothing is done', async () => {
  expect((await run({ node: 'bob' })).at(-1)).toBe('Nothing to do')
  expect(await stage.quarantine()).toEqual({})
})

test('a dry run names the damage and changes nothing', async () => {
  await stage.chain.node('bob').kill('execution')
  expect((await run({ node: 'bob', dryRun: true })).at(-1)).toBe('Would recover')
  expect(await stage.quarantine()).toEqual({})
})

test('a node that is well again is proved and put back', async () => {
  await stage.begun('bob', 'baton')
  await stage.standStill()
  expect(await run({ node: 'bob', by: 'baton' })).toEqual([
    'Prepare',
    'Is a node named?',
    'Name the damage',
    'Anything to do?',
    'Try the next method',
    'At the head?',
    'Prove it',
    'One node only?',
    'Recovered',
  ])
  expect(await stage.quarantine()).toEqual({})
})

test('no method helps: the node stays out, and a person is called', async () => {
  await stage.chain.node('bob').kill('execution')
  const path = await run({ node: 'bob' })
  expect(path.slice(-3)).toEqual(['Give up', 'This node only?', 'Not recovered'])
  expect((await stage.quarantine())?.bob?.why).toContain('crash recovery failed')
  expect(await stage.acts('bob')).toContain('page')
}, 40_000)

test('one that cannot be recovered does not keep the next one waiting, and is not forgotten', async () => {
  const nodes = ['bob', 'cyd']
  for (const name of nodes) stage.chain.node(name).execution.hasState = false
  const second = stage.monitor('second', { onTick: requestRecoveries(stage.ports) })
  await stage.endMonitor()
  for (const name of nodes) await stage.until('asked for', async () => (await stage.acts(name)).includes('page'))
  await second.kill()
  await stage.standStill()
  const running = run({ by: 'baton' })
  const failed = async () =>
    Object.entries((await stage.quarantine()) ?? {}).find(([, { why }]) => why.includes('crash recovery failed'))?.[0]
  await stage.until('one is given up', async () => (await failed()) !== undefined, 40_000)
  const lost = await failed()
  const other = lost === 'bob' ? 'cyd' : 'bob'
  await stage.until('the other is begun', async () => (await stage.quarantine())?.[other]?.why === UNDER_WAY)
  stage.chain.node(other).execution.hasState = true
  expect((await running).at(-1)).toBe('Not recovered')
  expect(await stage.acts(other)).toContain('recovered')
  expect(Object.keys((await stage.quarantine()) ?? {})).toEqual([lost])
}, 90_000)

test('a wish for a node that sequences by now does not hide the next one', async () => {
  await stage.chain.node('bob').kill('execution')
  for (const node of ['bob', 'ada']) {
    const reasons = [reason('recovery-wanted', {}, node)]
    await record(stage.ports, { what: 'page', term: 1, head: 1n, node, reasons })
  }
  const call = { step: 'Pick a node', owner: 'x', input: { chain: '901' }, state: {} }
  const picked = await takeStep(crashRecovery, stage.ports, call)
  expect(picked).toMatchObject({ outcome: 'picked', state: { node: 'bob' } })
})

test('the node that sequences is refused', async () => {
  expect((await run({ node: 'ada' })).at(-1)).toBe('Not begun')
})

test('no node is named: what a monitor asks for is recovered, until it asks for no more', async () => {
  expect((await run({ by: 'baton' })).at(-1)).toBe('Nothing to do')
  const { execution } = stage.chain.node('bob')
  execution.hasState = false
  const second = stage.monitor('second', { onTick: requestRecoveries(stage.ports) })
  await stage.endMonitor()
  await stage.until('it is asked for', async () => (await stage.acts('bob')).includes('page'))
  await second.kill()
  await stage.standStill()
  const running = run({ by: 'baton' })
  await stage.until('it is begun', async () => (await stage.quarantine())?.bob?.by === 'baton')
  execution.hasState = true
  expect((await running).slice(-5)).toEqual([
    'Prove it',
    'One node only?',
    'Pick a node',
    'Any asked for?',
    'Nothing to do',
  ])
  expect(await stage.quarantine()).toEqual({})
  expect(await stage.acts('bob')).toContain('recovered')
}, 60_000)
