import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { openDesk } from '../../lib/conductor/desk.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { inspectChain } from '../../lib/context/inspect.ts'
import type { DeskMethod } from '../../lib/gate/desk.ts'
import { actInput, perform } from '../../lib/lambda/act.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import { backfill } from '../../lib/operations/backfill/operation.ts'
import type { BackfillPorts } from '../../lib/operations/backfill/ports.ts'
import { crashRecovery } from '../../lib/operations/crash-recovery/operation.ts'
import { disaster } from '../../lib/operations/disaster/operation.ts'
import type { Operation } from '../../lib/operations/engine/operation.ts'
import { takeStep } from '../../lib/operations/engine/take-step.ts'
import { switchover } from '../../lib/operations/switchover/operation.ts'
import { upgrade } from '../../lib/operations/upgrade/operation.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { blockOf } from '../gate/payloads.ts'
import { synthesize } from './app.ts'
import { rightsOf, rolesOf } from './roles.ts'

const roles = rolesOf(synthesize())
const config = parseConfig(
  JSON.stringify({
    chain: { id: 901, name: 'x', blockTime: 2 },
    nodes: ['seq-a', 'seq-b'].map((name, i) => ({
      name,
      zone: 'z',
      priority: i,
      consensus: `http://127.0.0.1:1/${name}`,
      execution: `http://127.0.0.1:1/${name}`,
      secrets: [`placeholder-${i}`],
    })),
  }),
)

/** What a call of a store is to IAM. */
const actions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  heads: { read: 'dynamodb:GetItem', readWithPayload: 'dynamodb:GetItem', write: 'dynamodb:UpdateItem' },
  leases: { read: 'dynamodb:GetItem', write: 'dynamodb:UpdateItem' },
  monitorLease: { read: 'dynamodb:GetItem' },
  history: { append: 'dynamodb:PutItem', list: 'dynamodb:Query' },
  objects: { get: 's3:GetObject', put: 's3:PutObject', list: 's3:ListBucket' },
}
const resources: Readonly<Record<string, readonly string[]>> = {
  heads: ['<BatonStoreHeads.Arn>'],
  leases: ['<BatonStoreLeases.Arn>'],
  monitorLease: ['<BatonStoreLeases.Arn>'],
  history: ['<BatonStoreHistory.Arn>'],
  objects: ['<BatonStoreArchive.Arn>', '<BatonStoreArchive.Arn>/901/payloads/*'],
}

/** A store that refuses what the role may not do, as AWS would. */
function within<T extends object>(role: string, name: string, store: T): T {
  const rights = rightsOf(roles, role)
  return new Proxy(store, {
    get: (target, method) => {
      const action = actions[name]?.[String(method)]
      if (action !== undefined && resources[name]?.some((resource) => rights.get(resource)?.includes(action)))
        return Reflect.get(target, method)
      return async () => {
        throw new StoreUnavailableError(String(method), name, new Error(`${role} may not ${action}`))
      }
    },
  })
}

/** What a function works with: records its role lets it reach, of a chain that has some or none, and nodes that are away. */
async function portsOf(role: string, seeded: boolean): Promise<BackfillPorts> {
  const { serverClock: _, ...stores } = memoryStores()
  if (seeded) {
    await stores.heads.write('901', seedHead(blockOf(10), 3, Date.now()))
    await stores.leases.write('901', seedLease('seq-a', 3, { kind: 'baton', name: 'baton' }, Date.now()))
  }
  const objects = memoryObjects()
  const ports = chainPorts(config, { stores, objects }, silentLog)
  const restricted = Object.fromEntries(
    Object.entries({ ...stores, objects }).map(([name, store]) => [name, within(role, name, store)]),
  )
  return await openBackfill(config, { ...ports, ...restricted }, { env: {} })
}

const input = { chain: '901', by: 'ada' }
const callDesk = (ports: BackfillPorts, method: DeskMethod) =>
  openDesk({ ports, nodes: config.nodes })({ ...input, method, params: ['seq-b', ''] })
const take = <I, S>(operation: Operation<BackfillPorts, I, S>, ports: BackfillPorts, step: string, more = {}) =>
  takeStep(operation, ports, { step, owner: 'run-1', input: { ...input, ...more }, state: {} })
const firstSteps: readonly (readonly [role: string, what: string, (ports: BackfillPorts) => Promise<unknown>])[] = [
  ['Act', 'adopts', (ports) => perform(ports, v.parse(actInput, { ...input, act: 'adopt', to: 'seq-b' }))],
  ['Act', 'pauses', (ports) => perform(ports, v.parse(actInput, { ...input, act: 'pause' }))],
  ['Act', 'moves', (ports) => perform(ports, v.parse(actInput, { ...input, act: 'switchover', to: 'seq-b' }))],
  ['Conductor', 'looks at a node', (ports) => callDesk(ports, 'conductor_sequencerHealthy')],
  ['Conductor', 'pauses', (ports) => callDesk(ports, 'conductor_pause')],
  ['Conductor', 'moves', (ports) => callDesk(ports, 'conductor_transferLeaderToServer')],
  ['Widget', 'looks', (ports) => inspectChain(ports)],
  ['Switchover', 'checks', (ports) => take(switchover, ports, 'Check')],
  ['Backfill', 'plans', (ports) => take(backfill, ports, 'Plan', { node: 'seq-b' })],
  ['CrashRecovery', 'finds what is asked for', (ports) => take(crashRecovery, ports, 'Pick a node')],
  ['CrashRecovery', 'begins', (ports) => take(crashRecovery, ports, 'Name the damage', { node: 'seq-b' })],
  ['Upgrade', 'plans', (ports) => take(upgrade, ports, 'Plan', { to: 'v1.2.3' })],
  ['Upgrade', 'begins', (ports) => take(upgrade, ports, 'Begin', { to: 'v1.2.3' })],
  ['Disaster', 'surveys', (ports) => take(disaster, ports, 'Survey what is left', { kind: 're-seed', hash: '' })],
]

describe.each([
  ['with records', true],
  ['without any', false],
])('a chain %s', (_, seeded) => {
  test.each(firstSteps)('%s %s: its role allows what it asks of the stores', async (role, _what, act) => {
    const outcome = await act(await portsOf(`Baton${role}FunctionRole`, seeded)).catch((error: unknown) => error)
    expect(outcome).not.toBeInstanceOf(StoreUnavailableError)
  })
})
