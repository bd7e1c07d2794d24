import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type AccessKey, type Door, openDoor } from './door.ts'
import { EmbeddedDatabaseError, type Engine, type EngineName, engineFor, startEngine } from './engine.ts'
import { translateTo } from './translate.ts'

/** A running embedded database. */
export type EmbeddedDatabase = {
  /** `http://<key id>:<key secret>@127.0.0.1:<port>`: grants full access. */
  readonly endpoint: string
  readonly port: number
  readonly key: AccessKey
  /** Process id of the database itself; with dynalite, of this process. */
  readonly pid: number
  /** Resolves when the database has ended, on request or not. */
  readonly ended: Promise<void>
  /** Ends it and waits for that. */
  stop(): Promise<void>
}

/**
 * Starts a DynamoDB API behind a door on loopback that accepts one key only. `file`: where the data is kept; absent =
 * in memory. `port`: absent = any free one. `key`: absent = a new one. `engine`: absent = the one for this platform.
 *
 * @throws EmbeddedDatabaseError when it cannot run here or is not up within `timeoutMs` (default 5000).
 */
export async function startEmbeddedDatabase({
  file,
  port = 0,
  key = newKey(),
  timeoutMs = 5000,
  engine: name = engineFor(),
}: {
  readonly file?: string
  readonly port?: number
  readonly key?: AccessKey
  readonly timeoutMs?: number
  readonly engine?: EngineName
} = {}): Promise<EmbeddedDatabase> {
  let engine: Engine | undefined
  let door: Door
  try {
    // On a shared machine, only the owner may read a chain's files.
    if (file !== undefined) await mkdir(dirname(resolve(file)), { recursive: true, mode: 0o700 })
    engine = await startEngine(name, file && resolve(file), timeoutMs)
    door = await openDoor(translateTo(engine), key, port)
  } catch (cause) {
    await engine?.stop()
    if (cause instanceof EmbeddedDatabaseError) throw cause
    throw new EmbeddedDatabaseError({
      message: `the embedded database did not start: ${wordsOf(cause)}`,
      remedy: 'Check that the port is free and that the database file is writable and not another program’s.',
      cause,
    })
  }
  const { pid, ended, stop } = engine
  return {
    endpoint: `http://${key.id}:${key.secret}@127.0.0.1:${door.port}`,
    port: door.port,
    key,
    pid,
    ended,
    async stop() {
      await door.close()
      await stop()
    },
  }
}

function newKey(): AccessKey {
  return { id: 'baton', secret: randomBytes(24).toString('base64url') }
}

function wordsOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return code === 'EADDRINUSE' ? 'the port is already in use' : message
}
