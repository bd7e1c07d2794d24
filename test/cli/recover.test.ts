import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../lib/serve/open-stores.ts'
import { type SimulatedChain, startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { simulatedNodes } from '../../lib/simulator/start-simulated.ts'
import { l2 } from '../protocol/scene.ts'
import { baton } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-recover-'))
const config = join(folder, 'config.json')
let database: EmbeddedDatabase
let chain: SimulatedChain

/** A chain whose head is its genesis, of nodes without machines that Baton could run steps on. */
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  const conductorUrl = () => 'http://127.0.0.1:59997'
  chain = await startSimulatedChain({ conductorUrl, blockTimeMs: 400, nodes: simulatedNodes, l1BlockTimeMs: 60_000 })
  const store = { endpoint: database.endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } } as const
  const nodes = chain.nodes.map(({ name, consensusUrl, executionUrl }) => {
    return { name, zone: 'z', consensus: consensusUrl, execution: executionUrl, secrets: [`secret-of-${name}`] }
  })
  writeFileSync(config, JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes, store }))
  await createLocalTables(store)
  const { stores, close } = openStores(store)
  const { hash } = chain.node('bob').execution.head
  await stores.heads.write('901', seedHead({ ...l2(1n), number: 0n, hash }, 0, Date.now()))
  await close()
})
afterAll(async () => {
  await chain.stop()
  await database.stop()
  rmSync(folder, { recursive: true })
})

test('a dry run ends with "refused" where no method against the damage is possible', async () => {
  const plan = () => baton(['recover', 'bob', '--dry-run', '--config', config], folder)
  expect(await plan()).toMatchObject({ code: exitCodes.ok.code, out: expect.stringContaining('nothing to do') })
  chain.node('bob').loseState()
  const held = await plan()
  expect(held.out).toContain('restart-execution: restart its execution client (cannot: no host is configured)')
  expect(held.code).toBe(exitCodes.refused.code)
})
