import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { jsonSchemas } from '../../../bin/json.ts'
import { publishLocalProcess } from '../../../bin/local-process.ts'
import { silentLog } from '../../../lib/log.ts'
import { startLocal } from '../../../lib/serve/start.ts'
import { baton } from '../run-cli.ts'

// Each kind of `--json` is what its published schema says, by the real commands on a live simulated chain.

const folder = mkdtempSync(join(tmpdir(), 'baton-json-'))
const PATIENCE = { timeout: 120_000 }
const seen = new Set<string>()

let local: Awaited<ReturnType<typeof startLocal>>
let withdraw: () => void
beforeAll(async () => {
  const options = { folder: join(folder, '.baton'), operator: 'ada', log: silentLog }
  local = await startLocal({ ...options, pagePort: 0, gatePort: 0 })
  const { url, token } = local.page
  withdraw = publishLocalProcess(folder, { pid: process.pid, page: { url, token }, config: local.config })
  const { chain, nodes, store } = local.config
  const { id, name, blockTimeMs } = chain
  const named = nodes.map(({ name, zone, consensus, execution, secrets }) => ({
    name,
    zone,
    consensus,
    execution,
    secrets,
  }))
  writeFileSync(
    join(folder, 'chain.json'),
    JSON.stringify({ chain: { id, name, blockTime: blockTimeMs / 1_000 }, nodes: named, store }),
  )
  writeFileSync(
    join(folder, 'node.env'),
    `OP_CONDUCTOR_RAFT_SERVER_ID=ada\nOP_CONDUCTOR_NODE_RPC=${nodes[0]?.consensus}\n`,
  )
  await vi.waitFor(async () => expect((await local.ports.heads.read('901'))?.leader).toBeTruthy(), { timeout: 60_000 })
}, 120_000)
afterAll(async () => {
  withdraw()
  await local.stop()
  rmSync(folder, { recursive: true })
})

/** A node that leads, or one that does not. */
async function node(leads: boolean): Promise<string> {
  const leader = (await local.ports.heads.read('901'))?.leader
  return local.config.nodes.map(({ name }) => name).find((name) => (name === leader) === leads) ?? ''
}

/** What the command said, checked against the schema of its kind. */
async function said(kind: string, words: readonly string[]): Promise<object> {
  const { out, err } = await baton([...words, '--json'], folder)
  const value = JSON.parse(kind === 'error' ? err : out) as object
  expect(value, `baton ${words.join(' ')}`).toMatchObject({ version: 1, kind })
  const { issues } = v.safeParse(jsonSchemas[kind] ?? v.never(), value)
  expect(
    issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`),
    `baton ${words.join(' ')}`,
  ).toBeUndefined()
  seen.add(kind)
  return value
}

test.each<[kind: string, words: string[]]>([
  ['version', ['version']],
  ['help', ['help']],
  ['error', ['status', '--config', 'nowhere.json']],
  ['error', ['switchover', '--to', 'nobody']],
  ['drills', ['drill']],
  ['config-check', ['config', 'check', 'chain.json']],
  ['import', ['import', 'op-conductor', '--flags', 'node.env']],
  ['doctor', ['doctor', '--config', 'chain.json']],
  ['status', ['status']],
  ['explain', ['explain']],
  ['act', ['pause']],
  ['act', ['resume']],
  ['history', ['history']],
  ['disaster', ['disaster', 'survey']],
  ['disaster', ['disaster', 'override', '--dry-run']],
  ['upgrade', ['upgrade', '--to', 'v2', '--dry-run']],
  ['switchover-plan', ['switchover', '--dry-run']],
])('%s: baton %j', PATIENCE, async (kind, words) => {
  await said(kind, words)
})

test('what is about a node: backfill, recover, quarantine, switchover, hold, fault', PATIENCE, async () => {
  const standby = await node(false)
  await said('backfill', ['backfill', standby, '--dry-run'])
  await said('backfill', ['backfill', standby])
  await said('recover', ['recover', standby, '--dry-run'])
  await said('act', ['quarantine', standby, '--why', 'test'])
  await said('act', ['quarantine', standby, '--lift'])
  expect(await said('switchover', ['switchover', '--to', standby])).toMatchObject({ outcome: 'moved' })
  await said('act', ['hold', await node(true)])
  await said('act', ['resume'])
  await said('fault', ['fault', await node(false), 'kill-host'])
  await said('status', ['status'])
  await said('explain', ['explain'])
})

test('a drill', PATIENCE, async () => {
  const { drills } = (await said('drills', ['drill'])) as { drills: { id: string }[] }
  await said('drill', ['drill', drills[0]?.id ?? ''])
})

test('no kind was left out', () => {
  // The plan of a resequence has no field that a program may count on.
  expect(Object.keys(jsonSchemas).filter((kind) => kind !== 'resequence' && !seen.has(kind))).toEqual([])
})
