import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { freePorts } from '../real/devnet/ports.ts'
import { Supervised } from '../real/devnet/process.ts'
import { type Front, startFront } from './front.ts'
import type { Meter } from './meter.ts'

const VERSION = '1.5.33'
const ROOT = resolve(import.meta.dirname, '../..')
const VENV = join(ROOT, '.cache/ministack')
/** Functions run on the `node` found first: the one that runs this, which is the project's. */
const NODE = dirname(process.execPath)

/** The account that the emulator has, and keys of its root user. */
export const account = { id: '000000000000', region: 'us-east-1', key: 'test', secret: 'test' } as const

/** An AWS account of one machine, empty at first; roles and policies hold in it. */
export type Emulator = {
  /** Where all its services are. */
  readonly url: string
  /** For programs that shall take it for AWS. */
  readonly env: Readonly<Record<string, string>>
  readonly log: string
  stop(): Promise<void>
}

/** Starts MiniStack on loopback, in a Python environment of its own, with IAM enforced. `meter` counts what it is asked. */
export async function startEmulator(logs: string, meter?: Meter): Promise<Emulator> {
  install()
  mkdirSync(logs, { recursive: true })
  const [port = 0] = await freePorts(1)
  const front = await startFront(port, meter)
  const env = awsEnv(front)
  const process = new Supervised('ministack', logs)
  const own = { GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', AUTH: 'true', LOG_LEVEL: 'INFO', STATE_DIR: logs }
  const settings = Object.entries({ ...env, ...own }).map(([name, value]) => `${name}=${value}`)
  process.launch('/usr/bin/env', [...settings, join(VENV, 'bin/ministack')])
  await process.ready('answers', async () => (await fetch(`${front.url}/_ministack/health`)).ok, { within: 30_000 })
  const stop = async () => {
    await process.stop()
    front.close()
  }
  return { url: front.url, env, log: process.log, stop }
}

function install(): void {
  if (existsSync(join(VENV, 'bin/ministack'))) return
  execFileSync('python3', ['-m', 'venv', VENV], { stdio: 'inherit' })
  execFileSync(join(VENV, 'bin/pip'), ['install', '--quiet', `ministack==${VERSION}`], { stdio: 'inherit' })
}

function awsEnv({ url }: Front): Record<string, string> {
  return {
    PATH: `${NODE}:${globalThis.process.env.PATH ?? ''}`,
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: account.key,
    AWS_SECRET_ACCESS_KEY: account.secret,
    AWS_REGION: account.region,
    AWS_DEFAULT_REGION: account.region,
    MINISTACK_REGION: account.region,
    CDK_DISABLE_CLI_TELEMETRY: '1',
  }
}
