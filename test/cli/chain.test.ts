import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../lib/serve/open-stores.ts'
import { baton, launch } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
const objects = { kind: 'folder', path: join(folder, 'objects') } as const
const dead = 'http://127.0.0.1:59997'
let database: EmbeddedDatabase

/** A configuration whose nodes are all gone; `endpoint` is the database. */
function writeConfig(name: string, endpoint: string, id = 901): string {
  const path = join(folder, name)
  const node = (name: string) => ({
    name,
    zone: 'z',
    consensus: `${dead}/${name}`,
    execution: `${dead}/${name}`,
    secrets: [`secret-of-${name}`],
  })
  const config = {
    chain: { id, name: 'test', blockTime: 2 },
    nodes: [node('seq-a'), node('seq-b')],
    store: { endpoint, objects },
  }
  writeFileSync(path, JSON.stringify(config))
  return path
}

let config: string
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  config = writeConfig('config.json', database.endpoint)
  await createLocalTables({ endpoint: database.endpoint, objects })
  const { stores, close } = openStores({ endpoint: database.endpoint, objects })
  const block = {
    number: 41n,
    hash: `0x${'41'.repeat(32)}`,
    parentHash: `0x${'40'.repeat(32)}`,
    timestamp: 1n,
  } as const
  await stores.heads.write('901', seedHead(block, 0, Date.now()))
  await stores.leases.write('901', seedLease('seq-a', 0, { kind: 'baton', name: 'baton' }, Date.now()))
  await close()
})
afterAll(async () => {
  await database.stop()
  rmSync(folder, { recursive: true })
})

// Each look takes its three seconds: side by side.
describe.concurrent('looking', () => {
  test('behavior: status of a chain whose nodes are gone is bad news, in words', async () => {
    const { code, out } = await baton(['status', '--config', config], folder)
    expect(out).toContain('| seq-a')
    expect(out).toContain('refused')
    expect(out).toMatch(/Head: +41 0x4141/)
    expect(code).toBe(exitCodes.unwell.code)
  })

  test('args: json', async () => {
    const [status, explain] = await Promise.all(
      ['status', 'explain'].map((verb) => baton([verb, '--config', config, '--json'], folder)),
    )
    const snapshot = JSON.parse(status?.out ?? '')
    expect(snapshot.view.head.number).toBe('41')
    expect(snapshot.decision.verdicts).toHaveLength(2)
    expect(JSON.parse(explain?.out ?? '').condition).toBe(snapshot.decision.condition)
  })

  test('behavior: explain says each verdict and why not something else', async () => {
    const { out } = await baton(['explain', '--config', config], folder)
    expect(out).toContain('What Baton would do now')
    expect(out).toContain('- seq-a: ')
    expect(out).toContain('Why not something else\n  - no node could take over now')
  })

  test('behavior: no colours where none were asked for', async () => {
    const colour = '\u001b['
    const forced = { FORCE_COLOR: '1' }
    const [unasked, asked, refused] = await Promise.all([
      baton(['status', '--config', config], folder),
      baton(['status', '--config', config], folder, forced),
      baton(['status', '--config', config, '--no-color'], folder, forced),
    ])
    expect(unasked.out).not.toContain(colour)
    expect(asked.out).toContain(colour)
    expect(refused.out).not.toContain(colour)
  })
})

describe('acting', () => {
  test('default: pause, resume and hold are kept in the history with who did them', async () => {
    expect(await baton(['pause', '--config', config], folder)).toMatchObject({ code: 0 })
    expect((await baton(['status', '--config', config], folder)).out).toMatch(/Mode: +paused by ada/)
    expect(await baton(['resume', '--config', config], folder)).toMatchObject({ code: 0 })
    expect(await baton(['hold', 'seq-a', '--config', config], folder)).toMatchObject({
      code: 0,
      out: 'pinned to seq-a by ada\n',
    })
    const { out } = await baton(['history', '--config', config, '--json'], folder)
    const { records }: { records: { what: string; actor: unknown }[] } = JSON.parse(out)
    expect(records.map(({ what }) => what)).toEqual(['pause', 'resume', 'hold'])
    expect(records.map(({ actor }) => actor)).toEqual(Array(3).fill({ kind: 'operator', name: 'ada' }))
    const table = (await baton(['history', '--config', config], folder)).out
    expect(table.indexOf('pause')).toBeLessThan(table.indexOf('hold'))
  })

  test('behavior: quarantine and back', async () => {
    expect(await baton(['quarantine', 'seq-b', '--why', 'disk', '--config', config], folder)).toMatchObject({ code: 0 })
    expect((await baton(['status', '--config', config], folder)).out).toContain('quarantined by ada: disk')
    expect(await baton(['quarantine', 'seq-b', '--lift', '--config', config], folder)).toMatchObject({ code: 0 })
  })

  test.each([
    [['hold', 'seq-b'], 'seq-b does not hold the term'],
    [['hold', 'nobody'], 'no node "nobody" is configured'],
    [['hold', 'sqe-b'], 'Did you mean "seq-b"?'],
    [['switchover', '--to', 'seq-z'], 'no node "seq-z" is configured'],
    [['quarantine', 'seq-z', '--why', 'disk'], 'no node "seq-z" is configured'],
    [['switchover', '--to', 'seq-a'], 'already holds'],
    [['adopt', '--to', 'seq-b'], 'already has a head'],
  ])('behavior: %j is refused and changes nothing', async (words, problem) => {
    const { code, err } = await baton([...words, '--config', config], folder)
    expect(err).toContain(problem)
    expect(code).toBe(exitCodes.refused.code)
  })

  test('behavior: a chain without a lease cannot be paused', async () => {
    const other = writeConfig('other.json', database.endpoint, 902)
    const { code, err } = await baton(['pause', '--config', other], folder)
    expect(err).toContain('has no lease yet')
    expect(code).toBe(exitCodes.refused.code)
  })

  test('behavior: an operator who stops waiting for a switchover learns that it stays requested', async () => {
    const { stores, close } = openStores({ endpoint: database.endpoint, objects })
    const waits = launch(['switchover', '--to', 'seq-b', '--config', config], folder)
    await expect.poll(async () => (await stores.leases.read('901'))?.switchover?.to, { timeout: 15_000 }).toBe('seq-b')
    // The act is recorded before the wait begins.
    await expect
      .poll(async () => (await stores.history.list('901', { limit: 1 }))[0]?.what, { timeout: 15_000 })
      .toBe('switchover')
    await setTimeout(500)
    waits.child.kill('SIGINT')
    const { code, err } = await waits.ended
    expect(err).toContain('the switchover stays requested')
    expect(code).toBe(130)
    expect((await baton(['switchover', '--cancel', '--config', config], folder)).code).toBe(0)
    await close()
  })

  test('behavior: a scheduled switchover is only asked for', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString()
    const { code, out } = await baton(['switchover', '--to', 'seq-b', '--at', at, '--config', config], folder)
    expect(out).toBe(`switchover to seq-b requested by ada, not before ${at}\n`)
    expect(code).toBe(0)
    expect((await baton(['status', '--config', config], folder)).out).toMatch(/Switchover: +to seq-b at /)
  })
})

test('behavior: a store that does not answer has its own exit code', async () => {
  const { code, err } = await baton(['status', '--config', writeConfig('storeless.json', dead)], folder)
  expect(err).toContain('baton: ')
  expect(code).toBe(exitCodes.store.code)
})
