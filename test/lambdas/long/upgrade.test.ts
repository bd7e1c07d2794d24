import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toStateMachine } from '../../../lib/operations/engine/to-state-machine.ts'
import { upgrade as operation } from '../../../lib/operations/upgrade/operation.ts'
import { interpret } from '../../operations/interpret.ts'
import { task } from '../../operations/run-machine.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'
import { type SsmAgent, startSsmAgent } from '../harness/ssm-agent.ts'

// The bundles of gate, monitor and upgrade, the state machine by a local interpreter, and machines behind a stand-in
// for Systems Manager, whose step restarts the simulated consensus client.

const definition = toStateMachine(operation, task)
const instances: Readonly<Record<string, string>> = {
  ada: 'i-0a1b2c3d4e5f60718',
  bob: 'i-0b1b2c3d4e5f60718',
  cyd: 'i-0c1b2c3d4e5f60718',
}
const nodeOf = (instance: string) => Object.keys(instances).find((name) => instances[name] === instance) ?? ''

let deployed: Deployed
let agent: SsmAgent
let machines: Server
let monitor: Running
let upgrade: Running

beforeAll(async () => {
  const hostOf = (node: string) => {
    return { kind: 'ssm', stack: 'op-geth', instance: instances[node], documents: 'Baton-test' }
  }
  deployed = await deploy({ hostOf })
  machines = createServer(async ({ url = '' }, response) => {
    const node = deployed.chain.node(url.slice(1))
    await node.kill('consensus')
    await node.restart('consensus')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(machines, 'listening')
  const control = `http://127.0.0.1:${(machines.address() as AddressInfo).port}`
  agent = await startSsmAgent(deployed.env.AWS_ENDPOINT_URL_SSM ?? '', {
    stack: 'op-geth',
    documents: 'Baton-test',
    commands: (instance) => ({
      upgrade: [process.execPath, '-e', `await fetch('${control}/${nodeOf(instance)}')`, '{version}'],
    }),
  })
  const env = { ...deployed.env, AWS_ENDPOINT_URL_SSM: agent.endpoint }
  ;[monitor, upgrade] = await Promise.all([
    start('monitor', deployed.env),
    start('operation', { ...env, BATON_OPERATION: 'Upgrade' }),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  while (((await deployed.account.stores.heads.read(CHAIN))?.number ?? 0n) < 4n) await sleep(100)
}, 120_000)
afterAll(async () => {
  for (const running of [monitor, upgrade]) await running?.kill()
  agent?.close()
  machines?.close()
  await deployed?.stop()
})

test('every node is upgraded, by commands on its own machine; sequencing goes on', async () => {
  const input = { chain: CHAIN, to: 'v2', expect: '', resume: false, alone: false, dryRun: false, bake: 2, by: 'ann' }
  const { path, error } = await interpret(definition, input, (payload) =>
    upgrade.invoke(payload, { remainingMs: 85_000 }),
  )
  expect([path.at(-1), error]).toEqual(['Upgraded', undefined])
  expect(agent.sent).toEqual(['upgrade', 'upgrade', 'upgrade'])
  expect(agent.machines.map(nodeOf)).toEqual(['cyd', 'bob', 'ada'])
  const head = await deployed.account.stores.heads.read(CHAIN)
  expect(head?.leader).toBe('bob')
  const lease = await deployed.account.stores.leases.read(CHAIN)
  expect(lease?.quarantine).toEqual({})
}, 180_000)
