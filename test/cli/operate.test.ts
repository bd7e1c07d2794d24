import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../lib/serve/open-stores.ts'
import { l2 } from '../protocol/scene.ts'
import { baton } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-operate-'))
const objects = { kind: 'folder', path: join(folder, 'objects') } as const
const dead = 'http://127.0.0.1:59997'
const config = join(folder, 'config.json')
const unknown = `0x${'ab'.repeat(32)}`
let database: EmbeddedDatabase

/** A chain with records, whose nodes are all gone. */
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  const store = { endpoint: database.endpoint, objects }
  const nodes = ['seq-a', 'seq-b'].map((name) => {
    return {
      name,
      zone: 'z',
      consensus: `${dead}/${name}`,
      execution: `${dead}/${name}`,
      secrets: [`secret-of-${name}`],
    }
  })
  writeFileSync(config, JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes, store }))
  await createLocalTables(store)
  const { stores, close } = openStores(store)
  await stores.heads.write('901', seedHead(l2(100n), 0, Date.now()))
  await stores.leases.write('901', seedLease('seq-a', 0, { kind: 'baton', name: 'baton' }, Date.now()))
  await close()
})
afterAll(async () => {
  await database.stop()
  rmSync(folder, { recursive: true })
})

const run = (...words: string[]) => baton([...words, '--config', config], folder)

test('disaster survey shows what is left, and who has no vote', async () => {
  const { code, out } = await run('disaster', 'survey')
  expect(code).toBe(0)
  expect(out).toContain('head: block 100 ')
  expect(out).toContain('silent, without a vote: seq-a, seq-b')
})

test.each<[string[], number, string]>([
  [['disaster', 'panic'], 2, 'there is no "panic"'],
  [['disaster', 're-seed'], 2, 'needs --confirm'],
  [['disaster', 'cold-start', '--confirm', unknown], 2, 'needs --to'],
  [['disaster', 're-seed', '--confirm', unknown], 5, 'neither a node nor the archive has block'],
  [['disaster', 're-seed', '--confirm', '0x12'], 5, 'is not a block hash'],
  [['disaster', 'return', '--node', 'seq-x', '--confirm', unknown], 5, 'no node "seq-x"'],
  [['disaster', 'to-op-conductor', '--confirm', unknown], 5, 'no node holds the head'],
  [['upgrade'], 2, 'to'],
  [['upgrade', '--to', 'v2', '--within', 'soon'], 2, '--within soon is not valid'],
  [['upgrade', '--to', 'v2'], 5, 'seq-a: no host access configured'],
  [['upgrade', '--to', 'v2', '--resume'], 5, 'no upgrade is unfinished'],
  [['switchover', '--force'], 5, 'named'],
])('baton %j: %d, %s', async (words, expected, why) => {
  const { code, err } = await run(...words)
  expect(err).toContain(why)
  expect(code).toBe(expected)
})

test('a dry run shows the plan, what would be checked and what is in the way; and changes nothing', async () => {
  const { code, out } = await run('upgrade', '--to', 'v2', '--dry-run')
  expect(code).toBe(5)
  expect(out).toMatch(/upgrade seq-b to v2 \(out of eligibility first/)
  expect(out).toContain('would not begin: ')
  const disaster = await run('disaster', 'override', '--node', 'seq-a', '--dry-run')
  expect(disaster.out).toContain(
    'would check that the block is the head (without records: that no node has a block above it)',
  )
  const { out: history } = await run('history', '--json')
  expect(JSON.parse(history)).toMatchObject({ records: [] })
})
