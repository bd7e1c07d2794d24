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
import { dynoxidePath } from '../../lib/serve/embedded/engine.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { childOf, genesis } from './blocks.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-embedded-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function open(file: string) {
  const database = await startEmbeddedDatabase({ file })
  const client = dynamoClient({ endpoint: database.endpoint })
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

test('stop ends it, and what was written is there at the next start', async () => {
  const file = join(folder, 'new', 'deep', 'baton.db')
  const first = await open(file)
  await first.heads.write('901', seedHead(genesis, 0, 1))
  await first.database.stop()
  expect(isRunning(first.database.pid)).toBe(false)
  const second = await open(file)
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
  await expect(startEmbeddedDatabase({ file })).rejects.toMatchObject({
    name: 'EmbeddedDatabaseError',
    message: expect.stringContaining('not a valid SQLite database'),
  })
})

test('a platform without a binary', () => {
  expect(existsSync(dynoxidePath())).toBe(true)
  expect(() => dynoxidePath('plan9', 'mips')).toThrow(
    expect.objectContaining({
      name: 'EmbeddedDatabaseError',
      message: expect.stringContaining('plan9-mips'),
      remedy: expect.stringContaining('store.endpoint'),
    }),
  )
})
