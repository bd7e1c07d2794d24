import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { publishLocalProcess } from '../../bin/local-process.ts'
import { silentLog } from '../../lib/log.ts'
import { startLocal } from '../../lib/serve/start.ts'
import { launch } from './run-cli.ts'

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0
const folder = mkdtempSync(join(tmpdir(), 'baton-watch-'))
const PATIENCE = { timeout: 30_000 }
const WHOLE = { timeout: 150_000 }
const REDRAW = '\u001b[H'

let local: Awaited<ReturnType<typeof startLocal>>
let withdraw: () => void
beforeAll(async () => {
  const options = { folder: join(folder, '.baton'), operator: 'ada', log: silentLog }
  local = await startLocal({ ...options, pagePort: 0, gatePort: 0 })
  const { url, token } = local.page
  withdraw = publishLocalProcess(folder, { pid: process.pid, page: { url, token }, config: local.config })
}, 60_000)
afterAll(async () => {
  withdraw()
  await local.stop()
  rmSync(folder, { recursive: true })
})

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** `baton watch` on a pseudo-terminal; the terminal's settings are printed before and after it. */
function onTerminal() {
  const entry = resolve('bin/baton.ts')
  const script = `stty -g; "${process.execPath}" "${entry}" watch; echo "ended $?"; stty -g`
  const child = spawn('python3', [resolve('test/cli/on-a-terminal.py'), 'sh', '-c', script], {
    cwd: folder,
    env: { ...process.env, BATON_OPERATOR: 'ada', TERM: 'xterm' },
  })
  children.push(child)
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const screen = () => stripVTControlCharacters(out.slice(out.lastIndexOf(REDRAW))).replaceAll('\r', '')
  return {
    press: (keys: string) => child.stdin.write(keys),
    screen,
    shows: (text: string | RegExp) => expect.poll(screen, PATIENCE).toMatch(text),
    all: () => out,
    ended: once(child, 'close'),
  }
}

const modeOf = async () => (await local.ports.leases.read('901'))?.mode

describe.skipIf(!hasPython)('on a terminal', WHOLE, () => {
  test('shows the status within 80 x 24, the clock and the keys; Ctrl-C ends it at once and restores the terminal', async () => {
    const watch = onTerminal()
    await watch.shows(/ada sequences/)
    expect(watch.screen()).toMatch(/^\d\d:\d\d:\d\d UTC, every second/)
    expect(watch.screen()).toContain('t transfer')
    const lines = watch.screen().split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(lines.length).toBeLessThanOrEqual(24)
    watch.press('\u0003')
    await watch.ended
    expect(watch.all()).toContain('ended 0')
    expect(watch.all().lastIndexOf('\u001b[?1049l')).toBeGreaterThan(watch.all().lastIndexOf('\u001b[?1049h'))
    const settings = watch.all().match(/^[0-9a-f]+(:[0-9a-f]+){10,}/gm)
    expect(settings).toHaveLength(2)
    expect(settings?.[0]).toBe(settings?.[1])
  })

  test('pause and resume ask first: y does it, any other key does not', async () => {
    const watch = onTerminal()
    await watch.shows(/ada sequences/)
    watch.press('p')
    await watch.shows('Pause Baton?')
    watch.press('n')
    await watch.shows('nothing was changed')
    expect(await modeOf()).toBe('auto')
    watch.press('p')
    await watch.shows('Pause Baton?')
    watch.press('y')
    await watch.shows('paused by ada')
    expect(await modeOf()).toBe('paused')
    watch.press('r')
    await watch.shows('Resume?')
    watch.press('y')
    await watch.shows('resumed by ada')
    expect(await modeOf()).toBe('auto')
    watch.press('q')
    await watch.ended
    expect(watch.all()).toContain('ended 0')
  })

  test('transfer: choose, confirm, see it led there; details and history are a key away', async () => {
    const watch = onTerminal()
    await watch.shows(/ada sequences/)
    watch.press('d')
    await watch.shows('Why not something else')
    watch.press('l')
    await watch.shows('When (UTC)')
    watch.press('\u001b')
    await watch.shows('Monitor:')
    watch.press('\u001b[A')
    watch.press('t')
    await watch.shows(/Transfer to\? .*\d cyd/)
    const [, choice = ''] = /(\d) cyd/.exec(watch.screen()) ?? []
    watch.press(choice)
    await watch.shows('Transfer sequencing to cyd?')
    watch.press('y')
    await watch.shows(/cyd leads in term/)
    await watch.shows(/cyd sequences/)
    watch.press('q')
    await watch.ended
  })
})

test('without a terminal: one status a second, no keys, and SIGINT ends it', WHOLE, async () => {
  const { child, ended } = launch(['watch', '--json'], folder)
  let lines = ''
  child.stdout.on('data', (text: string) => {
    lines += text
  })
  await expect.poll(() => lines.split('\n').length, PATIENCE).toBeGreaterThan(2)
  child.kill('SIGINT')
  const { code, out } = await ended
  expect(code).toBe(0)
  expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ version: 1, kind: 'status' })
})
