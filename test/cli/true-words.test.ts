import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { jsonSchemas } from '../../bin/json.ts'
import { type LocalProcess, publishLocalProcess, requestAct } from '../../bin/local-process.ts'
import { inspectChain } from '../../lib/context/inspect.ts'
import { silentLog } from '../../lib/log.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { DEFAULT_RUNBOOK } from '../../lib/runbook.ts'
import { startLocal } from '../../lib/serve/start.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { observedAs, unknown } from '../page/snapshots.ts'
import { baton } from './run-cli.ts'

// What the command line says of a chain must be so. The chain is a live one; the last test halts it.

const folder = mkdtempSync(join(tmpdir(), 'baton-true-words-'))
const PATIENCE = { timeout: 120_000 }

let local: Awaited<ReturnType<typeof startLocal>>
let running: LocalProcess
let withdraw: () => void
beforeAll(async () => {
  const options = { folder: join(folder, '.baton'), operator: 'ada', log: silentLog }
  local = await startLocal({ ...options, pagePort: 0, gatePort: 0 })
  const { url, token } = local.page
  running = { pid: process.pid, page: { url, token }, config: local.config }
  withdraw = publishLocalProcess(folder, running)
}, 120_000)
afterAll(async () => {
  withdraw()
  await local.stop()
  rmSync(folder, { recursive: true })
})

const until = (condition: string) =>
  expect.poll(async () => (await inspectChain(local.ports)).decision.condition, PATIENCE).toBe(condition)

const status = (...more: string[]) => baton(['status', ...more], folder)

test('a node that sequences outside Baton is not called fenced', () => {
  const view = { ...unknown.view, observed: { 'seq-a': observedAs('seq-a', { sequencing: true }) } }
  const decision = decide(view)
  const text = renderStatus({ ...unknown, view, decision }, plain)
  expect(decision.verdicts.find(({ node }) => node === 'seq-a')?.role).toBe('outside')
  expect(text).toMatch(/seq-a +\|.*outside/)
  expect(text).toContain('sequences outside Baton')
  expect(text).not.toMatch(/fenced|refused/)
})

describe('paused and pinned are not fine', PATIENCE, () => {
  test.each([
    [['pause'], 'PAUSED', 'paused by ada'],
    [['hold', 'ada'], 'HELD', 'pinned to ada by ada'],
  ])('baton %j: %s, and an exit code of its own', async (words, state, mode) => {
    await until('ok')
    expect(await baton(words, folder)).toMatchObject({ code: 0 })
    const { code, out } = await status()
    expect(out.split('\n')[0]).toMatch(new RegExp(` ${state}$`))
    expect(out).toContain(mode)
    expect(code).toBe(exitCodes.paused.code)
    expect((await baton(['explain'], folder)).code).toBe(exitCodes.paused.code)
    expect(await baton(['resume'], folder)).toMatchObject({ code: 0 })
    expect(await status()).toMatchObject({ code: exitCodes.ok.code })
  })
})

test('an observed chain on which no node answers is not fine', PATIENCE, async () => {
  const dead = 'http://127.0.0.1:59997'
  const node = { name: 'seq-a', zone: 'z', consensus: dead, execution: dead, secrets: ['secret-of-seq-a'] }
  const config = { chain: { id: 902, name: 'dead', blockTime: 2 }, nodes: [node], store: local.config.store }
  const path = join(folder, 'dead.json')
  writeFileSync(path, JSON.stringify(config))
  const { code, out } = await status('--config', path)
  expect(out).toContain('OBSERVING')
  expect(code).toBe(exitCodes.unwell.code)
})

test.each(['status', 'explain', 'history'])('baton %s --json is what its schema says', PATIENCE, async (verb) => {
  const { out } = await baton([verb, '--json'], folder)
  const said = JSON.parse(out)
  expect(said).toMatchObject({ version: 1, kind: verb })
  expect(v.safeParse(jsonSchemas[verb] ?? v.never(), said).issues).toBeUndefined()
})

test('a halted chain says what to do, with the command and the runbook', PATIENCE, async () => {
  await baton(['quarantine', 'cyd', '--why', 'disk replaced'], folder)
  for (const node of ['ada', 'bob']) await requestAct(running, 'fault', { node, kind: 'kill-host' })
  await until('halted')
  const { code, out } = await status()
  expect(out.split('\n')[0]).toMatch(/HALTED$/)
  expect(out).toContain('Do this: ')
  expect(out).toContain(`baton quarantine cyd --lift (${DEFAULT_RUNBOOK}#no-eligible-standby)`)
  expect(out).toContain('Baton can do nothing on its own')
  expect(out).not.toContain('nothing to do')
  expect(out.indexOf('Do this: ')).toBeLessThan(out.indexOf('| Node'))
  expect(code).toBe(exitCodes.unwell.code)
  const said = JSON.parse((await status('--json')).out)
  expect(v.safeParse(jsonSchemas.status ?? v.never(), said).issues).toBeUndefined()
  expect(said.doThis[0]).toMatchObject({ command: 'baton quarantine cyd --lift', runbook: 'no-eligible-standby' })
  expect((await baton(['explain'], folder)).out).toContain('Do this\n  - ')
})

/** Prints the handles that keep the process up, once the result is written. */
const afterOutput = `data:text/javascript,${encodeURIComponent(`
  const { write } = process.stdout
  process.stdout.write = function (...given) {
    setImmediate(() => process.stderr.write('up: ' + process.getActiveResourcesInfo().join(' ') + '\\n'))
    return write.apply(this, given)
  }
`)}`

test('status keeps no timer once it has answered, with an L1 endpoint too', PATIENCE, async () => {
  const path = join(folder, 'with-l1.json')
  const { chain, store } = local.config
  const nodes = local.config.nodes.map(({ name, zone, consensus, execution }) => ({
    ...{ name, zone, consensus, execution },
    secrets: [`secret-of-${name}`],
  }))
  const l1 = { rpc: 'http://127.0.0.1:59997' }
  writeFileSync(path, JSON.stringify({ chain: { id: chain.id, name: chain.name, blockTime: 2 }, nodes, store, l1 }))
  const { err, out } = await baton(['status', '--config', path], folder, { NODE_OPTIONS: `--import=${afterOutput}` })
  expect(out, err).toContain('simulated')
  expect(err).toMatch(/^up: /m)
  expect(err).not.toContain('Timeout')
})
