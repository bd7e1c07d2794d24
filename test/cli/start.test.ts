import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { findLocalProcess, type LocalProcess, localProcessPath } from '../../bin/local-process.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { type Ended, launch } from './run-cli.ts'

// Whole processes: on a busy machine each takes seconds to come up.
const PATIENCE = { timeout: 90_000 }

let folder: string
const started: ReturnType<typeof launch>[] = []
const servers: Server[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-start-'))
})
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGTERM')
    await ended
  }
  for (const server of servers.splice(0)) server.close()
  rmSync(folder, { recursive: true, force: true })
})

function start(...words: readonly string[]) {
  const one = launch(['start', '--no-open', '--port', '0', ...words], folder)
  started.push(one)
  return one
}

async function untilUp({ child }: ReturnType<typeof launch>): Promise<LocalProcess> {
  for (const end = Date.now() + 60_000; Date.now() < end && child.exitCode === null; await sleep(50)) {
    const local = findLocalProcess(folder)
    if (local && local.pid === child.pid) return local
  }
  throw new Error('baton start did not come up')
}

const listens = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  )

/** A chain of real nodes, none of which is there. */
async function writeConfig(gate?: number): Promise<number> {
  const port = gate ?? (await freePortOr(0))
  const nodes = ['seq-a', 'seq-b'].map((name, i) => ({
    name,
    zone: 'z',
    consensus: `http://127.0.0.1:1/${i}`,
    execution: `http://127.0.0.1:1/${i + 2}`,
    secrets: [`secret-of-${name}`],
  }))
  writeFileSync(
    join(folder, 'chain.json'),
    JSON.stringify({ chain: { id: 902, name: 'test', blockTime: 2 }, nodes, gate: { port } }),
  )
  return port
}

/** A failed start has ended by itself, said why, and left nothing that listens or holds the folder. */
async function expectFailed({ code, err }: Ended, why: string, gate: number) {
  expect(err).toContain(why)
  expect(code).toBe(exitCodes.failed.code)
  expect(await listens(gate)).toBe(false)
  expect(existsSync(join(folder, '.baton/start.lock'))).toBe(false)
}

test('a start that cannot publish where it is ends all it began', PATIENCE, async () => {
  const gate = await writeConfig()
  mkdirSync(localProcessPath(folder), { recursive: true })
  const failed = await start('--config', 'chain.json').ended
  await expectFailed(failed, localProcessPath(folder), gate)
})

test.skipIf(process.getuid?.() === 0)('a start in a folder that is not ours', PATIENCE, async () => {
  const gate = await writeConfig()
  chmodSync(folder, 0o500)
  const failed = await start('--config', 'chain.json').ended
  chmodSync(folder, 0o700)
  await expectFailed(failed, 'EACCES', gate)
})

test('a start with a file where its data goes', PATIENCE, async () => {
  const gate = await writeConfig()
  mkdirSync(join(folder, '.baton'))
  writeFileSync(join(folder, '.baton/902'), '')
  await expectFailed(await start('--config', 'chain.json').ended, 'EEXIST', gate)
})

test('a start whose page has no port to listen on', PATIENCE, async () => {
  const gate = await writeConfig()
  const taken = createServer().listen(0, '127.0.0.1')
  servers.push(taken)
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const failed = await start('--config', 'chain.json', '--port', String(port)).ended
  await expectFailed(failed, 'the port is taken', gate)
  expect(failed.out + failed.err).not.toContain('monitor is active')
})

test('a start whose gate has no port to listen on', PATIENCE, async () => {
  const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  servers.push(taken)
  await once(taken, 'listening')
  const gate = await writeConfig((taken.address() as { port: number }).port)
  const failed = await start('--config', 'chain.json').ended
  await expectFailed(failed, String(gate), gate)
})

test('two starts at once: one runs, the other is refused and harms nothing; a stale file is in no one’s way', {
  ...PATIENCE,
}, async () => {
  mkdirSync(join(folder, '.baton'))
  writeFileSync(localProcessPath(folder), JSON.stringify({ pid: 1, page: { url: 'http://127.0.0.1:1/', token: 't' } }))
  const [one, two] = [start('--block-time', '200'), start('--block-time', '200')]
  const first = await Promise.race([one.ended.then(() => one), two.ended.then(() => two)])
  const refused = await first.ended
  expect(refused.code).toBe(exitCodes.refused.code)
  const runs = first === one ? two : one
  expect(refused.err).toContain(`Baton already runs in this folder (pid ${runs.child.pid}`)

  const local = await untilUp(runs)
  expect(refused.err).not.toContain(local.page.token)
  expect(readFileSync(localProcessPath(folder), 'utf8')).toContain(local.page.token)
  const headOf = async () => {
    const response = await fetch(new URL('/state.json', local.page.url))
    const { view } = (await response.json()) as { view: { head?: { number: string } } }
    return Number(view.head?.number ?? 0)
  }
  await expect.poll(headOf, { timeout: 30_000 }).toBeGreaterThan(3)
  runs.child.kill('SIGTERM')
  expect((await runs.ended).code).toBe(0)
  expect(existsSync(localProcessPath(folder))).toBe(false)
})
