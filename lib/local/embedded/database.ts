import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dynoxidePath, EmbeddedDatabaseError } from './binary.ts'

/** A running embedded database. */
export type EmbeddedDatabase = {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  readonly port: number
  /** Process id of the database itself. */
  readonly pid: number
  /** Resolves when the database has ended, wanted or not. */
  readonly ended: Promise<void>
  /** Ends it and waits for that. */
  stop(): Promise<void>
}

/**
 * The database ends with us, even if we are killed: a shell holds a pipe whose other end is ours, and
 * ends the database when the pipe closes. Its first line tells the database's process id.
 */
const LEASH = `"$@" 3<&- >&2 & child=$!
echo "$child"
{ read _ <&3; kill "$child" 2>/dev/null; } & watch=$!
exec 3<&-
wait "$child"; code=$?
kill "$watch" 2>/dev/null
exit "$code"`

/**
 * Starts dynoxide (the DynamoDB API on SQLite) on loopback and waits until it answers.
 * `file`: where the data is kept; absent = in memory. `port`: absent = any free one.
 *
 * @throws EmbeddedDatabaseError when it cannot run here or is not up within `timeoutMs` (default 5000).
 */
export async function startEmbeddedDatabase({
  file,
  port,
  timeoutMs = 5000,
}: {
  readonly file?: string
  readonly port?: number
  readonly timeoutMs?: number
} = {}): Promise<EmbeddedDatabase> {
  const binary = dynoxidePath()
  if (file !== undefined) await mkdir(dirname(resolve(file)), { recursive: true })
  const chosen = port ?? (await freePort())
  const database = ['serve', '--host', '127.0.0.1', '--port', String(chosen)]
  if (file !== undefined) database.push('--db-path', resolve(file))

  const child = spawn('/bin/sh', ['-c', LEASH, 'sh', binary, ...database], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal is for us: we close in order, the database last.
    detached: true,
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000)
  })
  const ended = once(child, 'close').then(() => {})
  const endpoint = `http://127.0.0.1:${chosen}`
  try {
    const pid = await readPid(child, timeoutMs)
    await untilHealthy(endpoint, child, () => said, timeoutMs)
    return { endpoint, port: chosen, pid, ended, stop: () => stop(child, pid, ended) }
  } catch (cause) {
    release(child)
    throw new EmbeddedDatabaseError({
      message: `the embedded database did not start on port ${chosen}: ${said.trim() || (cause as Error).message}`,
      remedy: 'Check that the port is free and that the database file is writable and not another program’s.',
      cause,
    })
  }
}

/** Closes our end of the pipe, which ends the database. */
function release(child: ChildProcess) {
  child.stdio[3]?.destroy()
}

async function stop(child: ChildProcess, pid: number, ended: Promise<void>) {
  release(child)
  const late = setTimeout(() => process.kill(pid, 'SIGKILL'), 2000)
  await ended
  clearTimeout(late)
}

async function readPid(child: ChildProcess, timeoutMs: number): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs)
  const [line] = (await once(child.stdout ?? child, 'data', { signal })) as [Buffer]
  return Number(line.toString())
}

/** It says so when it listens: until then, whoever answers on that port is somebody else. */
async function untilHealthy(endpoint: string, child: ChildProcess, said: () => string, timeoutMs: number) {
  const end = Date.now() + timeoutMs
  while (!said().includes('listening')) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`)
    if (Date.now() > end) throw new Error(`it was not up within ${timeoutMs} ms`)
    await sleep(5)
  }
  const answer = await fetch(endpoint, { signal: AbortSignal.timeout(timeoutMs) })
  await answer.body?.cancel()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
