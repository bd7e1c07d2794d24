import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePortOr } from '../../../lib/free-port.ts'

/** S3 and SSM on loopback. */
export type Emulator = { readonly name: string; readonly endpoint: string; stop(): Promise<void> }

const venv = resolve(import.meta.dirname, '../../../.cache/ministack')
const VERSION = '1.5.33'
const PATIENCE_MS = 90_000

/** Starts MiniStack, which is installed under .cache the first time; `undefined` where that is not possible. */
export async function startMiniStack(): Promise<Emulator | undefined> {
  if (!existsSync(join(venv, 'bin/ministack')) && !(await install())) return undefined
  const port = await freePortOr(0)
  const endpoint = `http://127.0.0.1:${port}`
  const child = spawn(join(venv, 'bin/ministack'), {
    env: { ...process.env, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1' },
    stdio: 'ignore',
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const stop = async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const until = Date.now() + 20_000
  while (!(await fetch(endpoint).catch(() => undefined))) {
    if (Date.now() > until || child.exitCode !== null) {
      await stop()
      return undefined
    }
    await sleep(100)
  }
  return { name: 'MiniStack', endpoint, stop }
}

/** Installs it, or waits for another test file that does. */
async function install(): Promise<boolean> {
  const lock = `${venv}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  try {
    mkdirSync(lock)
  } catch {
    for (const end = Date.now() + PATIENCE_MS; existsSync(lock) && Date.now() < end; ) await sleep(200)
    return existsSync(join(venv, 'bin/ministack'))
  }
  const options = { stdio: 'ignore', timeout: PATIENCE_MS } as const
  const made = spawnSync('python3', ['-m', 'venv', venv], options).status === 0
  const installed =
    made && spawnSync(join(venv, 'bin/pip'), ['install', '--quiet', `ministack==${VERSION}`], options).status === 0
  if (!installed) rmSync(venv, { recursive: true, force: true })
  rmdirSync(lock)
  return installed
}
