import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Engine } from './engine.ts'

/** Longer than any caller waits: then the call is given up, not the engine. */
const CALL_MS = 10_000
/** Maximum of unanswered calls. A frozen engine must not fill our memory. */
const MOST_CALLS = 512
const STOP_MS = 2_000

type Waiting = { readonly resolve: (message: Message) => void; readonly reject: (error: Error) => void }
type Message = {
  readonly id?: number
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text?: string }[] }
  readonly error?: { readonly message?: string }
}

/**
 * Starts dynoxide in memory, or with its data in `file`. It speaks JSON-RPC on its standard input and output (the Model
 * Context Protocol) and opens no port: its HTTP server would obey every client, web pages included. It ends with us,
 * even if we are killed: its input ends then.
 *
 * @throws its own message when it is not up within `timeoutMs`.
 */
export async function startDynoxide(binary: string, file: string | undefined, timeoutMs: number): Promise<Engine> {
  const child = spawn(binary, ['mcp', ...(file === undefined ? [] : ['--db-path', file])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal is for us: we close in order, the database last.
    detached: true,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000)
  })
  const waiting = new Map<number, Waiting>()
  const ended = closed(child).then(() => {
    for (const { reject } of waiting.values()) reject(new Error(said.trim() || 'the database has ended'))
    waiting.clear()
  })
  child.stdin.on('error', () => {})
  child.stdout.on(
    'data',
    readLines((line) => settle(waiting, line)),
  )

  let lastId = 0
  const ask = (method: string, params: object, ms: number) =>
    new Promise<Message>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) return reject(new Error('the database has ended'))
      if (waiting.size >= MOST_CALLS) return reject(new Error(`${MOST_CALLS} calls have no answer yet`))
      const id = ++lastId
      const timer = setTimeout(() => {
        waiting.delete(id)
        reject(new Error(said.trim() || `no answer within ${ms} ms`))
      }, ms)
      const whenOver =
        <T>(end: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          end(value)
        }
      waiting.set(id, { resolve: whenOver(resolve), reject: whenOver(reject) })
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })

  const stop = async () => {
    child.stdin.end()
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
  }
  try {
    const clientInfo = { name: 'baton', version: '0' }
    await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }, timeoutMs)
    child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    pid: child.pid ?? 0,
    ended,
    async call(operation, input) {
      const name = inSnakeCase(operation)
      const { result, error } = await ask('tools/call', { name, arguments: argumentsOf(name, input) }, CALL_MS)
      if (error) return { failed: true, text: error.message ?? '' }
      return { failed: result?.isError ?? false, text: result?.content?.[0]?.text ?? '{}' }
    },
    stop,
  }
}

/** Resolves when a process has ended, or failed to start. */
async function closed(child: ChildProcess): Promise<void> {
  await once(child, 'close').catch(() => undefined)
}

function settle(waiting: Map<number, Waiting>, line: string) {
  const { id, ...message } = parse(line)
  if (id === undefined) return
  waiting.get(id)?.resolve(message)
  waiting.delete(id)
}

/** Any line that is not JSON-RPC answers no call. */
function parse(line: string): Message {
  try {
    return JSON.parse(line) as Message
  } catch {
    return {}
  }
}

/** Joins pieces of input into whole lines. */
function readLines(read: (line: string) => void): (piece: Buffer) => void {
  let pieces: Buffer[] = []
  return (piece) => {
    let rest = piece
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      pieces.push(rest.subarray(0, end))
      read(Buffer.concat(pieces).toString())
      pieces = []
      rest = rest.subarray(end + 1)
    }
    if (rest.length > 0) pieces.push(rest)
  }
}

/** Its tools are DynamoDB's operations, with the same fields in another case. */
function argumentsOf(tool: string, input: object): object {
  const given = Object.fromEntries(Object.entries(input).map(([field, value]) => [inSnakeCase(field), value]))
  return tool === 'describe_table' ? { ...given, raw: true } : given
}

function inSnakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()
}

/** Path of the dynoxide binary for a platform; `undefined` where none is installed. */
export function dynoxidePath(platform: string = process.platform, arch: string = process.arch): string | undefined {
  try {
    const place = createRequire(import.meta.url).resolve(`@dynoxide/${platform}-${arch}/package.json`)
    return join(dirname(place), 'dynoxide')
  } catch {
    return undefined
  }
}
