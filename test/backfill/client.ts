import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getBlock } from '../../lib/chain/block.ts'
import { createNodeClient, type NodeClient } from '../../lib/chain/client.ts'
import { createEngineClient, type EngineClient } from '../../lib/chain/engine/client.ts'
import { freePortOr } from '../../lib/free-port.ts'

/** A real execution client that is not geth's kin: @ethereumjs/client, driven through its engine API. */
export type ExecutionProcess = {
  readonly rpcUrl: string
  readonly engineUrl: string
  /** The file with its secret. */
  readonly jwt: string
  readonly execution: NodeClient
  readonly engine: EngineClient
  /** Ends it; its data is deleted. */
  stop(): Promise<void>
}

const cli = createRequire(import.meta.url)
  .resolve('@ethereumjs/client')
  .replace(/dist\/.*$/, 'dist/esm/bin/cli.js')
export const SECRET = '5e'.repeat(32)
const START_MS = 30_000

/** Starts a client on a chain of its own; resolves when its RPC answers. */
export async function startClient(genesis: object): Promise<ExecutionProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-execution-'))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const jwt = file('jwt.hex', `0x${SECRET}\n`)
  const [rpcPort, enginePort] = [await freePortOr(0), await freePortOr(0)]
  const child = spawn(
    process.execPath,
    [
      cli,
      `--gethGenesis=${file('genesis.json', JSON.stringify(genesis))}`,
      `--dataDir=${join(folder, 'data')}`,
      `--jwtSecret=${jwt}`,
      ...['--rpc', '--rpcAddr=127.0.0.1', `--rpcPort=${rpcPort}`],
      ...['--rpcEngine', '--rpcEngineAddr=127.0.0.1', `--rpcEnginePort=${enginePort}`],
      ...['--sync=none', '--isSingleNode=true', '--discDns=false', '--discV4=false'],
      ...['--logFile=false', '--logLevel=error'],
    ],
    // It writes logs where it stands, whatever it is asked.
    { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder },
  )
  const rpcUrl = `http://127.0.0.1:${rpcPort}`
  const engineUrl = `http://127.0.0.1:${enginePort}`
  const execution = createNodeClient(rpcUrl, { timeoutMs: 10_000 })
  await answers(execution, child)
  return {
    rpcUrl,
    engineUrl,
    jwt,
    execution,
    engine: createEngineClient(engineUrl, Buffer.from(SECRET, 'hex')),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'close')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(execution: NodeClient, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + START_MS; ; ) {
    const genesis = await getBlock(execution, { number: 0n }).catch(() => undefined)
    if (genesis) return
    if (child.exitCode !== null) throw new Error(`the execution client ended with code ${child.exitCode}`)
    if (Date.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`the execution client did not answer within ${START_MS / 1000} s`)
    }
    await sleep(100)
  }
}
