import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { type ChainFile, Rig } from './baton/rig.ts'
import { OpConductors } from './devnet/op-conductor.ts'
import { rpc } from './devnet/rpc.ts'
import { until } from './devnet/wait.ts'
import { anotherLeads, gapDuring } from './scenarios.ts'

// docs/migrate-op-conductor.md, step by step, with each of its commands.

const ROOT = join(import.meta.dirname, '../..')

let rig: Rig
let before: OpConductors
let after: OpConductors | undefined
/** What the rig's configuration has and no file of op-conductor does. */
let byHand: ChainFile

beforeAll(async () => {
  rig = await Rig.create({
    conductorRpc: (index) => before.url(index),
    configure: (config) => {
      byHand = config
      return config
    },
  })
  before = await OpConductors.create(rig.devnet)
  await rig.devnet.start()
  await before.start()
  for (const { name, index } of rig.devnet.hosts)
    process.env[`BATON_SECRET_${name.toUpperCase()}`] = `s3cret/of-node${index}`
})
afterAll(async () => {
  await Promise.all([before?.stop(), after?.stop()])
  await rig?.stop()
  for (const [step, seconds] of took) console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`)
})

const took: [step: string, seconds: number][] = []

/** Takes a step of the procedure, and notes how long it took. */
async function step<T>(name: string, act: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const done = await act()
  took.push([name, (performance.now() - began) / 1_000])
  return done
}

type Ended = { readonly code: number; readonly out: string }
const ran = new Set<string>()

/** A command without its values: its name, and its options. */
const shapeOf = (words: readonly string[]) => [words[0], ...words.filter((word) => word.startsWith('--'))].join(' ')

/** Runs a command of the page to its end, in the folder of the configuration. */
async function baton(...words: readonly string[]): Promise<Ended> {
  ran.add(shapeOf(words))
  const placed = words.includes('--config') || words[0] === 'config' ? words : [...words, '--config', 'chain.json']
  const cwd = dirname(rig.configFile)
  return await step(`baton ${words.join(' ')}`, () => {
    return new Promise<Ended>((resolve, reject) => {
      execFile(execPath, [join(ROOT, 'bin/baton.ts'), ...placed], { cwd, timeout: 120_000 }, (error, out, err) => {
        if (error && typeof error.code !== 'number') return reject(error)
        resolve({ code: Number(error?.code ?? 0), out: out + err })
      })
    })
  })
}

/** Restarts a standby's op-node, or the former leader's, at another conductor. */
async function wire(index: number, conductorRpc: string): Promise<void> {
  const { host, name } = named(index)
  await step(`restart op-node of ${name}`, async () => {
    await host.killOpNode()
    await host.startOpNode({ conductorRpc })
    await rig.devnet.connectPeers()
  })
}

function named(index: number) {
  const host = rig.devnet.hosts[index]
  if (!host) throw new Error(`there is no host ${index}`)
  return { host, name: host.name }
}

const unsafeHead = async (index: number) => {
  const status = await rpc<{ unsafe_l2: { hash: Hex; number: number } }>(
    named(index).host.consensusUrl,
    'optimism_syncStatus',
  )
  return status.unsafe_l2
}

test('before: chain.json from what runs now, and the fleet examined', async () => {
  const folder = dirname(rig.configFile)
  const { hosts } = rig.devnet
  const settings = hosts.map(({ index }) => before.settings(index))
  const network = `[networks.devnet]\nsequencers = ${JSON.stringify(hosts.map(({ name }) => name))}\n`
  writeFileSync(join(folder, 'config.toml'), [network, ...settings.map(({ toml }) => toml)].join('\n'))
  for (const { index, name } of hosts) writeFileSync(join(folder, `${name}.env`), settings[index]?.flags ?? '')
  const flags = hosts.map(({ name }) => `${name}.env`).join(',')

  const words = ['import', 'op-conductor', '--config', 'config.toml', '--flags', flags, '--out']
  const imported = await baton(...words, 'imported.json')
  expect(imported).toMatchObject({
    code: 0,
    out: expect.stringContaining('no counterpart: node0 --raft.storage.dir: '),
  })
  const written = JSON.parse(readFileSync(join(folder, 'imported.json'), 'utf8')) as ChainFile
  expect(written.nodes).toMatchObject(
    hosts.map(({ name, consensusUrl: consensus, executionUrl: execution }) => ({ name, consensus, execution })),
  )
  expect(await baton(...words, 'imported.json'), 'it writes over nothing').toMatchObject({ code: 2 })

  // By hand: where the gate and the store of a gate of one's own are, and the zones. The secrets are in the environment.
  const { gate, store } = byHand
  const nodes = written.nodes.map((node, index) => ({ ...node, zone: `zone-${index}`, priority: 10 - index }))
  writeFileSync(rig.configFile, JSON.stringify({ ...written, gate, store, nodes }, null, 2))
  expect(await baton('config', 'check', 'chain.json')).toMatchObject({ code: 0 })
  const examined = await baton('doctor', '--config', 'chain.json')
  expect(examined.code, examined.out).toBe(0)
  expect((await baton('doctor', '--config', 'chain.json', '--all')).out).toContain('node2')
})

test('over: one block boundary, and nothing of op-conductor is needed afterwards', async () => {
  const gateOf = (index: number) => rig.wire.conductorRpc(901, `node${index}`, `s3cret/of-node${index}`)
  const leading = await before.settled()
  const [target = 1, other = 0] = [1, 2, 0].filter((index) => index !== leading)
  await step('pause all op-conductors', () => before.pause())
  await step('start gate and monitor', async () => {
    await rig.startGate()
    rig.startMonitor()
  })
  expect((await baton('status')).out).toMatch(new RegExp(`${named(leading).name} sequences outside Baton`))
  for (const index of [target, other]) await wire(index, gateOf(index))
  const { number } = await unsafeHead(leading)
  await until('the standbys follow', async () => (await unsafeHead(target)).number > number, { within: 20_000 })
  expect(await rig.ports.heads.read('901'), 'while another sequences, Baton only observes').toBeUndefined()

  const checked = await baton('status')
  for (const index of [target, other]) expect(checked.out).toContain(named(index).name)
  const wired = await baton('doctor', '--config', 'chain.json', '--gate', rig.gateUrl, '--wired')
  expect(wired.code, wired.out).toBe(0)

  const gap = await gapDuring(rig, named(other).host, async () => {
    const adopted = await baton('adopt', '--to', named(target).name)
    expect(adopted.code, adopted.out).toBe(0)
    expect(await anotherLeads(rig, '')).toBe(named(target).name)
  })
  console.log('from op-conductor to Baton:', gap.seconds.toFixed(2), 's')
  expect(gap.replaced).toEqual([])
  expect(gap.missedSlots).toBeLessThanOrEqual(1)

  await wire(leading, gateOf(leading))
  await step('stop the op-conductors', () => before.stop())
  expect(await rig.healthy()).toBe(named(target).name)
  await checkChain(rig)
})

test('what op-conductor did by calls are commands: switchover, pause, resume', async () => {
  const leader = await rig.healthy()
  const to = rig.devnet.hosts.find(({ name, index }) => name !== leader && index !== 0)?.name ?? ''
  expect(await baton('switchover', '--to', to)).toMatchObject({ code: 0 })
  expect(await rig.healthy()).toBe(to)
  expect(await baton('pause')).toMatchObject({ code: 0 })
  expect((await baton('status')).out).toContain('paused')
  expect(await baton('resume')).toMatchObject({ code: 0 })
})

test('and back: the first block is given to an empty cluster, and it continues alone', async () => {
  const leader = await rig.healthy()
  const from = rig.devnet.hosts.findIndex(({ name }) => name === leader)
  expect(await baton('pause')).toMatchObject({ code: 0 })
  after = await OpConductors.create(rig.devnet, {}, 'op-conductor-again')
  const cluster = after
  await step('start three empty op-conductors', () => cluster.form())
  // The first conductor of the new cluster leads it; the test before moved to another node.
  expect(from).not.toBe(0)
  const other = 3 - from
  for (const index of [0, other]) await wire(index, after.url(index))
  await until('node0 follows', async () => (await unsafeHead(0)).number + 2 > (await unsafeHead(from)).number)

  const gap = await gapDuring(rig, named(other).host, async () => {
    const hash = await rpc<Hex>(named(from).host.consensusUrl, 'admin_stopSequencer')
    await until('node0 has the last block', async () => (await unsafeHead(0)).hash === hash, { every: 20 })
    await rig.devnet.startSequencer(0, hash)
  })
  console.log('from Baton to op-conductor:', gap.seconds.toFixed(2), 's')
  expect(gap.replaced).toEqual([])
  expect(gap.missedSlots).toBeLessThanOrEqual(1)

  await wire(from, after.url(from))
  await step('resume all op-conductors', () => cluster.resume())
  expect(await after.settled()).toBe(0)
  await after.transfer(0, other)
  await until('op-conductor moves it', async () => (await after?.leader()) === other, { within: 15_000 })
  expect(await after.settled()).toBe(other)
})

test('each command of the page was run', () => {
  const page = readFileSync(join(ROOT, 'docs/migrate-op-conductor.md'), 'utf8')
  const commands = [...page.matchAll(/(?:^ *|`)baton ([^`\n]+)/gm)].map(([, words = '']) => shapeOf(words.split(' ')))
  expect(commands.length).toBeGreaterThan(8)
  // A command may also be mentioned with some of its options, or none.
  const wasRun = (shape: string) => [...ran].some((each) => isSubset(shape.split(' '), each.split(' ')))
  expect([...new Set(commands)].filter((shape) => !wasRun(shape))).toEqual([])
})

const isSubset = ([name, ...options]: readonly string[], [ran, ...given]: readonly string[]) =>
  name === ran && options.every((option) => given.includes(option))
