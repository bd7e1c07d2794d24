import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePortOr } from '../../lib/free-port.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables } from '../../lib/serve/open-stores.ts'
import { baton } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-cli-'))
const config = join(folder, 'chain.json')
const dead = 'http://127.0.0.1:59997'
const secrets = { A_SECRET: 'secret-of-seq-a', B_SECRET: 'secret-of-seq-b' }
let database: EmbeddedDatabase
let port: number

/** One file for every host: each node's secret is a variable that only its own host has. */
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  port = await freePortOr(0)
  const node = (name: string, env: string) => {
    return { name, zone: 'z', consensus: `${dead}/${name}`, execution: `${dead}/${name}`, secrets: [{ env }] }
  }
  const store = { endpoint: database.endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } } as const
  const nodes = [node('seq-a', 'A_SECRET'), node('seq-b', 'B_SECRET')]
  writeFileSync(
    config,
    JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes, gate: { port }, store }),
  )
  await createLocalTables(store)
})
afterAll(async () => {
  await database.stop()
  rmSync(folder, { recursive: true })
})

/** Asks the gate in the name of a node; the HTTP status. */
async function ask(node: string, secret: string): Promise<number> {
  const { status } = await fetch(`http://127.0.0.1:${port}/v1/chains/901/nodes/${node}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${node}:${secret}`)}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_leader', params: [] }),
  })
  return status
}

test('a gate beside one node reads its secret alone, and lets no other caller in', async () => {
  const entry = fileURLToPath(new URL('../../bin/baton.ts', import.meta.url))
  const env = { ...process.env, A_SECRET: secrets.A_SECRET }
  const words = [entry, 'gate', '--config', config, '--node', 'seq-a']
  const gate = spawn(process.execPath, words, { cwd: folder, env, stdio: 'ignore' })
  try {
    const healthy = () => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
    for (let tries = 0; !(await healthy()) && tries < 100; tries++) await sleep(100)
    expect(await ask('seq-a', secrets.A_SECRET)).toBe(200)
    expect(await ask('seq-a', secrets.B_SECRET)).toBe(401)
    expect(await ask('seq-b', secrets.B_SECRET)).toBe(401)
    expect(await ask('seq-b', '')).toBe(401)
  } finally {
    gate.kill('SIGTERM')
    await once(gate, 'exit')
  }
})

test('who serves a node needs its secret; who asks or acts needs none', async () => {
  const [all, unknown, history] = await Promise.all([
    baton(['gate', '--config', config], folder, { A_SECRET: secrets.A_SECRET }),
    baton(['gate', '--config', config, '--node', 'seq-z'], folder),
    baton(['history', '--config', config], folder),
  ])
  expect(all).toMatchObject({ code: 2, err: expect.stringContaining('the variable B_SECRET is not set') })
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('no node "seq-z" is configured') })
  expect(history.code).toBe(0)
})
