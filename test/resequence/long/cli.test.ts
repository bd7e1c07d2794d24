import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenStores, openEmbedded } from '../../../lib/serve/open-stores.ts'
import { baton } from '../../cli/run-cli.ts'
import { buildWorld, type World } from '../world.ts'

let world: World
let open: OpenStores
let common: string[]
const folder = mkdtempSync(join(tmpdir(), 'baton-resequence-store-'))
beforeAll(async () => {
  open = await openEmbedded(folder)
  const endpoint = open.endpoint ?? ''
  world = await buildWorld({ endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } })
  common = ['resequence', '--config', join(world.folder, 'resequence.json'), '--batch', '4']
}, 30_000)
afterAll(async () => {
  world.close()
  await open.close()
  rmSync(folder, { recursive: true })
})

const run = (...words: string[]) => baton([...common, ...words], world.folder)

test('without --confirm it reports the plan with its checks, and changes nothing', async () => {
  const before = readFileSync(join(world.folder, 'l1-clients'), 'utf8')
  const { code, out } = await run()
  expect(code).toBe(0)
  expect(out).toMatch(/kept batch {5}4, its last block 0x[0-9a-f]{64}/)
  expect(out).toContain('checked: every required predicate of docs/resequence.md holds')
  expect(out).toContain('Nothing was changed. To do it, add: --confirm 4:0x')
  expect(readFileSync(join(world.folder, 'l1-clients'), 'utf8')).toBe(before)
  expect(await open.stores.history.list('779')).toEqual([])
})

test('a wrong confirmation is refused', async () => {
  const hash = `0x${'ab'.repeat(32)}`
  const wrong = await run('--confirm', `4:${hash}`)
  expect(wrong).toMatchObject({ code: 5, err: expect.stringContaining('not 0xabab') })
  expect(await run('--confirm', `5:${hash}`)).toMatchObject({ code: 2, err: expect.stringContaining('differ') })
  expect(await run('--confirm', '4')).toMatchObject({ code: 2, err: expect.stringContaining('batch:hash') })
  expect(await run('--resume')).toMatchObject({ code: 5, err: expect.stringContaining('no run is open') })
})

test('killed while the node rebuilds: --resume follows the node to the end', async () => {
  const { out } = await run()
  const confirm = /--confirm (\S+)/.exec(out)?.[1] ?? ''
  world.behave({ mutation: 'slow' })
  const words = [fileURLToPath(new URL('../../../bin/baton.ts', import.meta.url)), ...common, '--confirm', confirm]
  const child = spawn(process.execPath, words, { cwd: world.folder, env: { ...process.env, BATON_OPERATOR: 'ada' } })
  let said = ''
  child.stdout.resume()
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error(said)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (text.includes('send this transaction')) world.l1.rollBack(4)
      if (text.includes('resequence: start')) setTimeout(resolve, 900)
    })
  })
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
  await once(child, 'exit')
  world.behave({ mutation: '' })
  // Until its lease is over, the dead one keeps others out: see lease.test.ts.
  let ended = await run('--resume')
  for (let i = 0; ended.code === 5 && i < 20; i++) ended = await run('--resume')
  expect(ended.err).toContain('the node still runs: following it from where it began')
  expect(ended, ended.err).toMatchObject({ code: 0, out: 'run 1: done\n' })
  const records = await open.stores.history.list('779', { limit: 50 })
  expect(records.map(({ actor }) => actor.name)).toContain('ada')
}, 150_000)
