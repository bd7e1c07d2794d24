import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import type { Block } from '../../lib/protocol/block.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynoxidePath } from '../../lib/serve/embedded/dynoxide.ts'
import { type EngineName, engineFor } from '../../lib/serve/embedded/engine.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { childOf, genesis } from './blocks.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-embedded-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function open(file: string, engine: EngineName = 'dynoxide') {
  const database = await startEmbeddedDatabase({ file, engine })
  // What is proved here is kept data, not speed.
  const client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 20_000 })
  await createTables(client, undefined, { streams: false })
  return { database, heads: dynamoStores(client).heads }
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function untilGone(pid: number) {
  for (let i = 0; i < 100 && isRunning(pid); i++) await sleep(20)
  return !isRunning(pid)
}

test.each(['dynoxide', 'dynalite'] as const)('%s: what was written is there at the next start', async (engine) => {
  const file = join(folder, 'new', engine, 'baton.db')
  const first = await open(file, engine)
  await first.heads.write('901', seedHead(genesis, 0, 1))
  await first.database.stop()
  expect(isRunning(first.database.pid)).toBe(first.database.pid === process.pid)
  const second = await open(file, engine)
  expect(await second.heads.read('901')).toMatchObject(genesis)
  await second.database.stop()
})

test('kill -9 right after an acknowledged commit loses nothing', async () => {
  const file = join(folder, 'killed.db')
  const first = await open(file)
  await first.heads.write('901', seedHead(genesis, 0, 1))
  await first.heads.write('901', fence('ada', 1, 1))
  let tip: Block = genesis
  for (let kill = 0; kill < 3; kill++) {
    const { database, heads } = kill === 0 ? first : await open(file)
    const payload = new Uint8Array(5_000).fill(kill)
    for (let i = 0; i < 10 * (kill + 1); i++) {
      const block: Block = childOf(tip)
      expect(await heads.commit('901', commit('ada', block, { payload }, 1))).toEqual({ applied: true })
      tip = block
    }
    process.kill(database.pid, 'SIGKILL')
    await database.ended
    const again = await open(file)
    expect(await again.heads.readWithPayload('901')).toMatchObject({ number: tip.number, hash: tip.hash, payload })
    await again.database.stop()
  }
})

test('two databases on one file are one database', async () => {
  const file = join(folder, 'shared.db')
  const [a, b] = [await open(file), await open(file)]
  await a.heads.write('901', seedHead(genesis, 0, 1))
  await b.heads.write('901', fence('ada', 1, 1))
  let tip: Block = genesis
  for (let i = 0; i < 50; i++) {
    const blocks = [childOf(tip, 'a'), childOf(tip, 'b')] as const
    const [first, second] = await Promise.all([
      a.heads.commit('901', commit('ada', blocks[0], { payload: new Uint8Array(9) }, 1)),
      b.heads.commit('901', commit('ada', blocks[1], { payload: new Uint8Array(9) }, 1)),
    ])
    expect(first.applied).not.toBe(second.applied)
    tip = first.applied ? blocks[0] : blocks[1]
  }
  await Promise.all([a.database.stop(), b.database.stop()])
})

test.each(['SIGKILL', 'SIGTERM'] as const)('it ends with the process that started it: %s', async (signal) => {
  const source = join(import.meta.dirname, '../../lib/serve/embedded/database.ts')
  const script = `const { pid } = await (await import(${JSON.stringify(source)})).startEmbeddedDatabase()
    console.log(pid)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  expect(isRunning(pid)).toBe(true)
  parent.kill(signal)
  expect(await untilGone(pid)).toBe(true)
})

test('dynalite: kill -9 of its process right after an acknowledged write loses nothing', async () => {
  const file = join(folder, 'killed-process.db')
  const lib = join(import.meta.dirname, '../../lib')
  const script = `const load = (path) => import(${JSON.stringify(lib)} + path)
    const { startEmbeddedDatabase } = await load('/serve/embedded/database.ts')
    const { dynamoClient } = await load('/store/dynamo/client.ts')
    const { createTables } = await load('/store/dynamo/create-tables.ts')
    const { dynamoStores } = await load('/store/dynamo/stores.ts')
    const { seedHead } = await load('/protocol/bootstrap.ts')
    const { endpoint } = await startEmbeddedDatabase({ file: ${JSON.stringify(file)}, engine: 'dynalite' })
    const client = dynamoClient({ endpoint })
    await createTables(client, undefined, { streams: false })
    const { genesis } = await import(${JSON.stringify(join(import.meta.dirname, 'blocks.ts'))})
    await dynamoStores(client).heads.write('901', seedHead(genesis, 0, 1))
    console.log('written')
    setInterval(() => {}, 1000)`
  const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  expect(String((await once(writer.stdout, 'data'))[0])).toBe('written\n')
  writer.kill('SIGKILL')
  await once(writer, 'close')
  const { database, heads } = await open(file, 'dynalite')
  expect(await heads.read('901')).toMatchObject(genesis)
  await database.stop()
})

test('dynalite: what another process has open is refused', async () => {
  const file = join(folder, 'one-owner.db')
  const first = await open(file, 'dynalite')
  await expect(startEmbeddedDatabase({ file, engine: 'dynalite' })).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: expect.stringContaining('another process'),
  })
  await first.database.stop()
})

test('a port that is taken, even by something that answers', async () => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(startEmbeddedDatabase({ port })).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    code: 'embedded-database',
    message: expect.stringContaining('already in use'),
    remedy: expect.stringContaining('port'),
  })
  server.close()
})

test('a file that is no database', async () => {
  const file = join(folder, 'note.txt')
  writeFileSync(file, 'not a database '.repeat(100))
  await expect(startEmbeddedDatabase({ file, engine: 'dynoxide' })).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: expect.stringContaining('not a valid SQLite database'),
  })
})

test('a platform without a binary gets the engine that needs none', () => {
  expect(existsSync(dynoxidePath('linux', 'x64') ?? '')).toBe(true)
  expect(engineFor('linux', 'x64')).toBe('dynoxide')
  expect(engineFor('linux', 'arm64')).toBe('dynalite')
  expect(engineFor('darwin', 'arm64')).toBe('dynalite')
})
