import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../bin/errors.ts'
import type { ChainConfig } from '../../../lib/config/chain-config.ts'
import { freePortOr } from '../../../lib/free-port.ts'
import { silentLog } from '../../../lib/log.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../../lib/serve/embedded/database.ts'
import { createLocalTables, type OpenStores, openStores } from '../../../lib/serve/open-stores.ts'
import { runGate } from '../../../lib/serve/run-gate.ts'
import { type SimulatedChain, startSimulatedChain } from '../../../lib/simulator/chain/chain.ts'
import { simulatedConfig, simulatedNodes, simulatedSecrets } from '../../../lib/simulator/start-simulated.ts'
import { type FakeCloudWatch, startCloudWatch } from '../../cloudwatch/fake-cloudwatch.ts'
import { parseExposition } from '../../prometheus/parse-exposition.ts'
import { baton, launch } from '../run-cli.ts'

// Two chains on one embedded database, each with three simulated nodes and a real gate; their monitors are processes.

const BLOCK_MS = 1_000
const folder = mkdtempSync(join(tmpdir(), 'baton-several-'))
const closing: (() => Promise<unknown>)[] = []
let database: EmbeddedDatabase
let open: OpenStores
let metricsPort: number
let cloudwatch: FakeCloudWatch
const chains = new Map<string, SimulatedChain>()
const monitors: ReturnType<typeof launch>[] = []

beforeAll(async () => {
  database = await startEmbeddedDatabase()
  const store = { endpoint: database.endpoint, objects: { kind: 'folder' as const, path: join(folder, 'objects') } }
  await createLocalTables(store)
  // The test itself may wait for the store; a monitor may not.
  open = openStores(store, { timeoutMs: 5_000 })
  metricsPort = await freePortOr(0)
  cloudwatch = await startCloudWatch()
  mkdirSync(join(folder, 'chains'))
  for (const id of [901, 902]) {
    const gatePort = await freePortOr(0)
    const secrets = simulatedSecrets()
    const conductorUrl = (node: string) =>
      `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/${id}/nodes/${node}`
    const chain = await startSimulatedChain({ conductorUrl, chainId: id, blockTimeMs: BLOCK_MS, nodes: simulatedNodes })
    chains.set(String(id), chain)
    const config: ChainConfig = { ...simulatedConfig(chain, secrets, gatePort), store }
    const gate = await runGate(config, open, silentLog)
    closing.push(() => chain.stop(), gate.close)
    writeFileSync(join(folder, 'chains', `${id}.json`), JSON.stringify(written(config, secrets)))
  }
}, 60_000)
afterAll(async () => {
  for (const { child } of monitors) child.kill('SIGKILL')
  await Promise.all(closing.map((close) => close()))
  cloudwatch?.close()
  await open?.close()
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The configuration as a person writes it. */
function written({ chain, nodes, gate, store }: ChainConfig, secrets: Record<string, string>) {
  const metrics = { port: metricsPort }
  const { port } = gate
  return {
    ...{ chain, gate: { port }, metrics, store, cloudwatch: { baton: 'prod' } },
    nodes: nodes.map((node) => ({ ...node, secrets: [secrets[node.name]] })),
  }
}

const files = ['901', '902'].map((id) => join('chains', `${id}.json`))
const nameAll = files.join()

function startMonitor(config: string) {
  const keys = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
  const env = { ...keys, AWS_ENDPOINT_URL_CLOUDWATCH: cloudwatch.endpoint }
  const started = launch(['monitor', '--config', config, '--json'], folder, env)
  monitors.push(started)
  return started
}

const headOf = async (id: string) => await open.stores.heads.read(id)
const ownerOf = async (id: string) => (await open.stores.monitorLease.read(id))?.owner ?? ''

/** Waits until a node that `test` accepts commits blocks of its own term. */
async function leads(id: string, test: (leader: string) => boolean): Promise<string> {
  let leader = ''
  const found = async () => {
    const head = await headOf(id)
    leader = head?.leader ?? ''
    return leader !== '' && head?.committedTerm === head?.term && test(leader)
  }
  await vi.waitUntil(found, { timeout: 30_000, interval: 100 })
  return leader
}

test('a broken configuration among several: it is named, and no chain is watched', async () => {
  writeFileSync(join(folder, 'broken.json'), JSON.stringify({ chain: { id: 903, name: 'x' }, nodes: [] }))
  const { code, err } = await baton(['monitor', '--config', `${nameAll},broken.json`], folder)
  expect(code).toBe(exitCodes.usage.code)
  expect(err).toContain('broken.json')
  expect(err).toContain('nodes')
  const twice = await baton(['monitor', '--config', `${nameAll},${files[0]}`], folder)
  expect(twice).toMatchObject({ code: exitCodes.usage.code, out: '' })
  expect(twice.err).toContain('two configurations are for chain 901')
  mkdirSync(join(folder, 'none'))
  expect((await baton(['monitor', '--config', 'none'], folder)).err).toContain('none has no configuration')
  expect([await ownerOf('901'), await ownerOf('902')]).toEqual(['', ''])
}, 60_000)

test('two chains in a process: the leader of one fails and is replaced, and the other goes on', async () => {
  startMonitor(nameAll)
  const [first, other] = [await leads('901', () => true), await leads('902', () => true)]
  const before = await headOf('902')
  const url = `http://127.0.0.1:${metricsPort}`
  await vi.waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200, { timeout: 10_000, interval: 200 })
  await chains.get('901')?.node(first).kill('host')
  await leads('901', (leader) => leader !== first)
  await vi.waitUntil(async () => ((await headOf('902'))?.number ?? 0n) >= (before?.number ?? 0n) + 3n, {
    timeout: 20_000,
  })
  expect(await headOf('902')).toMatchObject({ leader: other, term: before?.term })
  const families = parseExposition(await (await fetch(`${url}/metrics`)).text())
  const leading = families.find(({ name }) => name === 'baton_node_leader')?.samples.filter(({ value }) => value === 1)
  expect(leading?.map(({ labels }) => labels.chain).toSorted()).toEqual(['901', '902'])
  const { leader } = (await (await fetch(`${url}/chains/902/leader`)).json()) as { leader: string }
  expect(leader).toBe(other)
}, 90_000)

test('two processes, the second by the folder: when the first is killed the second takes both chains over', async () => {
  const [active] = monitors
  const owners = async () => new Set([await ownerOf('901'), await ownerOf('902')])
  const [old] = await owners()
  expect(old).toContain(`-${active?.child.pid}-`)
  const standby = startMonitor('chains')
  await vi.waitUntil(() => standby.said().includes('monitor runs'), { timeout: 20_000, interval: 100 })
  expect([...(await owners())]).toEqual([old])
  active?.child.kill('SIGKILL')
  const taken = async () => [...(await owners())].every((owner) => owner.includes(`-${standby.child.pid}-`))
  await vi.waitUntil(taken, { timeout: 20_000, interval: 200 })
  const leader = (await headOf('902'))?.leader ?? ''
  await chains.get('902')?.node(leader).kill('host')
  await leads('902', (next) => next !== leader)
  standby.child.kill('SIGTERM')
  expect((await standby.ended).code).toBe(0)
  const paging = cloudwatch.calls.flat().filter(({ MetricName }) => MetricName === 'Paging')
  expect(new Set(paging.map((datum) => datum['Dimensions.member.2.Value']))).toEqual(new Set(['901', '902']))
  expect(new Set(cloudwatch.scopes)).toEqual(new Set(['eu-west-1/monitoring/aws4_request']))
  const left = await Promise.all(['901', '902'].map((id) => open.stores.monitorLease.read(id)))
  expect(left.map((lease) => lease?.until)).toEqual([0, 0])
}, 120_000)
