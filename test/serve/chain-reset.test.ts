import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { silentLog } from '../../lib/log.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { type Local, startLocal } from '../../lib/serve/start.ts'
import { type SimulatedChain, startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { simulatedSecrets } from '../../lib/simulator/start-simulated.ts'

const NODES = ['ada', 'bob', 'cyd']
const BLOCK_MS = 400

let folder = ''
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-reset-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

/** A devnet at fixed addresses that can be deleted and set up again, with the configuration that leads to it. */
async function devnet() {
  const gatePort = await freePortOr(0)
  const secrets = simulatedSecrets(NODES)
  const ports = new Map<string, { consensus: number; execution: number }>()
  for (const node of NODES) ports.set(node, { consensus: await freePortOr(0), execution: await freePortOr(0) })
  let age = 60
  const begin = async (): Promise<SimulatedChain> => {
    age -= 20
    return await startSimulatedChain({
      conductorUrl: (node) => `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`,
      nodes: NODES,
      blockTimeMs: BLOCK_MS,
      genesisTime: Math.floor(Date.now() / 1_000) - age,
      ports: (node) => ports.get(node) ?? { consensus: 0, execution: 0 },
    })
  }
  let chain = await begin()
  closing.push(() => chain.stop())
  const nodes = chain.nodes.map(({ name, consensusUrl, executionUrl }) => ({
    name,
    zone: name,
    consensus: consensusUrl,
    execution: executionUrl,
    secrets: [secrets[name]],
  }))
  const chosen = { id: 901, name: 'devnet', blockTimeMs: BLOCK_MS }
  return {
    config: parseConfig(JSON.stringify({ chain: chosen, nodes, gate: { port: gatePort } })),
    genesis: () => chain.genesis.hash,
    async reset() {
      await chain.stop()
      chain = await begin()
    },
  }
}

async function start(config: Parameters<typeof startLocal>[0]['config']): Promise<Local> {
  const local = await startLocal({ ...(config && { config }), folder, operator: 'ann', log: silentLog, pagePort: 0 })
  closing.push(local.stop)
  return local
}

const headOf = ({ ports }: Local) => ports.heads.read('901')
const reaches = (local: Local, number: bigint) =>
  expect.poll(async () => (await headOf(local))?.number ?? 0n, { timeout: 30_000 }).toBeGreaterThan(number)

test('a devnet that was reset under its id: nothing moves, nothing is repaired, and what to do is said', async () => {
  const { config, genesis, reset } = await devnet()
  const first = await start(config)
  await reaches(first, 5n)
  // The first renewal records the genesis.
  await expect.poll(async () => (await first.ports.leases.read('901'))?.genesis, { timeout: 10_000 }).toBe(genesis())
  await first.stop()
  const old = genesis()
  await reset()

  const second = await start(config)
  // As "baton status" does it: one observation by a process that knows nothing yet.
  const seen = async () => {
    const view = await observeChain(second.ports, freshMemory())
    return decide(view)
  }
  const expected = {
    condition: 'halted',
    commands: [],
    page: [{ code: 'chain-reset', evidence: { hash: genesis(), expected: old } }],
  }
  await expect.poll(seen, { timeout: 10_000 }).toMatchObject(expected)
  const pages = async () =>
    (await second.ports.history.list('901', { limit: 20 })).filter(({ what }) => what === 'page')
  await expect.poll(async () => (await pages()).length, { timeout: 10_000 }).toBe(1)
  expect((await pages())[0]?.reasons.map(({ code }) => code)).toEqual(['chain-reset'])
  expect((await headOf(second))?.term).toBe(1)
  const page = await (await fetch(second.page.url)).text()
  expect(page).toContain('.baton/901')
  expect(page).not.toContain('baton recover')

  // What the page said.
  await second.stop()
  await rm(join(folder, '901'), { recursive: true })
  const third = await start(config)
  await reaches(third, 5n)
  expect((await third.ports.leases.read('901'))?.genesis).toBe(genesis())
}, 90_000)
