import { spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as v from 'valibot'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { BatonError } from '../lib/errors.ts'
import { TOKEN_HEADER } from '../lib/page/guard.ts'
import { toJson } from '../lib/text/format.ts'

/** What a running `baton start` publishes for other commands: where it listens, and its whole configuration. */
export type LocalProcess = {
  readonly pid: number
  readonly page: { readonly url: string; readonly token: string }
  /** With the store it opened, so that others open the same one; without any secrets. */
  readonly config: ChainConfig
}

/** The local process did not carry out the request. */
export class LocalProcessError extends BatonError {
  override readonly name = 'LocalProcessError'
  override readonly code = 'local-process'
}

/** The file in which a process started in `folder` publishes its endpoints. */
export function localProcessPath(folder: string): string {
  return resolve(folder, '.baton', 'local.json')
}

/**
 * Publishes the endpoints for other commands of the same user; returns how to withdraw them.
 *
 * @throws LocalProcessError when they cannot be written.
 */
export function publishLocalProcess(folder: string, local: LocalProcess): () => void {
  const path = localProcessPath(folder)
  const nodes = local.config.nodes.map((node) => ({ ...node, secrets: [] }))
  const gate = { host: local.config.gate.host, port: local.config.gate.port }
  const said = { ...local, started: startOfProcess(local.pid), config: { ...local.config, nodes, gate } }
  // Atomic: a reader never sees half a file, and a full disk leaves none.
  const draft = `${path}.${local.pid}`
  try {
    makePrivateFolder(folder)
    writeFileSync(draft, toJson(said, 2), { mode: 0o600 })
    renameSync(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw notWritable(path, cause)
  }
  return () => {
    if (findLocalProcess(folder)?.pid === local.pid) rmSync(path, { force: true })
  }
}

/**
 * Makes the folder for a local chain's files, readable by its owner only.
 *
 * @throws LocalProcessError when it cannot be written.
 */
export function makePrivateFolder(folder: string): void {
  const path = dirname(localProcessPath(folder))
  try {
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o700)
    accessSync(path, constants.W_OK)
  } catch (cause) {
    throw notWritable(path, cause)
  }
}

function notWritable(path: string, cause: unknown): LocalProcessError {
  return new LocalProcessError({
    message: `${path} cannot be written: ${(cause as Error).message}`,
    remedy: 'Make it writable, or start in another folder.',
    cause,
  })
}

/** The process that runs in `folder`; `undefined` when there is none, or its file cannot be read. */
export function findLocalProcess(folder: string): LocalProcess | undefined {
  const local = read(localProcessPath(folder))
  return local && startOfProcess(local.pid) === local.started ? local : undefined
}

/** A hint for when no process is found: the file of one, if it exists and cannot be read; else nothing. */
export function reportUnreadable(folder: string): string {
  const path = localProcessPath(folder)
  return existsSync(path) && !read(path) ? ` (${path} was not written by a running Baton; it is ignored)` : ''
}

const number = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => BigInt(value)),
)
/** Enough to recognise a file of ours. */
const written = v.looseObject({
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  started: v.string(),
  page: v.looseObject({ url: v.pipe(v.string(), v.url()), token: v.string() }),
  config: v.looseObject({
    chain: v.looseObject({ id: v.number() }),
    nodes: v.array(v.looseObject({ name: v.string() })),
    policy: v.looseObject({ maxLag: number, maxSwitchoverLag: number }),
  }),
})

function read(path: string): (LocalProcess & { readonly started: string }) | undefined {
  try {
    return v.parse(written, JSON.parse(readFileSync(path, 'utf8'))) as unknown as LocalProcess & { started: string }
  } catch {
    return undefined
  }
}

/**
 * When a process began, as the system words it; `undefined` when no such process is visible. Together with its id this
 * names one process for ever: ids are reused, and in containers every process is 1.
 */
export function startOfProcess(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  return process.platform === 'linux' ? ticksOf(pid) : startByPs(pid)
}

/** Field 22 of proc(5): clock ticks after boot. The name before it may hold anything, even spaces and brackets. */
function ticksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

function startByPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2_000 })
  return stdout?.trim() || undefined
}

/**
 * Requests an act from the local process, as its page does; returns the sentence on what was done.
 *
 * @throws LocalProcessError when it refuses or does not answer.
 */
export async function requestAct({ page, pid }: LocalProcess, verb: string, input: object): Promise<string> {
  const response = await fetch(new URL(`/acts/${verb}`, page.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', [TOKEN_HEADER]: page.token },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(10_000),
  }).catch((cause: unknown) => {
    const message = `the local process (pid ${pid}) does not answer at ${new URL(page.url).origin}`
    throw new LocalProcessError({ message, remedy: 'See its output; start it again if it hangs.', cause })
  })
  const { message, error } = (await response.json()) as { message?: string; error?: string }
  if (response.ok) return message ?? 'done'
  throw new LocalProcessError({ message: error ?? `HTTP ${response.status}`, remedy: 'See "baton status".' })
}
