import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { bundle } from './bundle.ts'

/** How a function failed, as Lambda tells it. */
export type Failure = { readonly errorType: string; readonly errorMessage: string }

/** A function in a process of its own. */
export type Running = {
  /** How long the import of the bundle took: a cold start without the start of Node. */
  readonly importMs: number
  /** Invokes it; rejects with {@link FunctionError} when the handler does. */
  invoke<T>(event: unknown, options?: { readonly remainingMs?: number; readonly requestId?: string }): Promise<T>
  /** Every line it wrote so far that is JSON: log lines and metrics. */
  lines(): Record<string, unknown>[]
  /** Everything it wrote so far. */
  output(): string
  /** Ends it as Lambda would a function that hangs. */
  kill(): Promise<void>
}

/** A handler's error. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError'
  readonly failure: Failure
  constructor(failure: Failure) {
    super(`${failure.errorType}: ${failure.errorMessage}`)
    this.failure = failure
  }
}

type Reply = { readonly id: number; readonly result?: unknown; readonly error?: Failure }

type Waiting = {
  readonly promise: Promise<unknown>
  resolve(result: unknown): void
  reject(error: Error): void
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Bundles a function and starts it with this environment and nothing else of ours. */
export async function start(name: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const { path } = await bundle(name)
  const child = fork(join(import.meta.dirname, 'runtime.ts'), [path], {
    env: { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  })
  running.add(child)
  const ended = once(child, 'close').then(() => void running.delete(child))
  let written = ''
  const waiting = new Map<number, Waiting>()
  const replies = new Map<number, Reply>()
  /** An invocation is over when its reply is there, and everything it wrote. */
  const settle = () => {
    for (const [id, { result, error }] of replies) {
      if (written.lastIndexOf(`END RequestId: ${id}\n`) < 0) continue
      const { resolve, reject } = waiting.get(id) ?? {}
      replies.delete(id)
      waiting.delete(id)
      if (error) reject?.(new FunctionError(error))
      else resolve?.(result)
    }
  }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      written += text
      settle()
    })
  }
  const first = await Promise.race([once(child, 'message'), ended])
  if (!first) throw new Error(`${name} did not start:\n${written}`)
  const { importMs } = first[0] as { importMs: number }

  child.on('message', (reply: Reply) => {
    replies.set(reply.id, reply)
    settle()
  })
  const isOver = () => new Error(`${name} ended:\n${written}`)
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(isOver())
    waiting.clear()
  })
  let invocations = 0
  return {
    importMs,
    invoke<T>(event: unknown, { remainingMs = 30_000, requestId = `request-${invocations}` } = {}) {
      if (!running.has(child)) return Promise.reject(isOver())
      const id = invocations++
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      waiting.set(id, { promise, resolve: (result) => resolve(result as T), reject })
      child.send({ id, event, remainingMs, requestId }, (error) => error && reject(isOver()))
      return promise
    },
    lines: () => written.split('\n').flatMap(parseLine),
    output: () => written,
    async kill() {
      // The test asked for this end: who still awaits an answer is told, and no other promise is left to complain.
      for (const { promise } of waiting.values()) promise.catch(() => {})
      child.kill('SIGKILL')
      await ended
    },
  }
}

function parseLine(line: string): Record<string, unknown>[] {
  try {
    return line.startsWith('{') ? [JSON.parse(line)] : []
  } catch {
    return []
  }
}
