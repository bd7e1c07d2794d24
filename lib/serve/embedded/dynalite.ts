import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Engine, EngineAnswer } from './engine.ts'

/** As long as dynoxide may take. */
const CALL_MS = 10_000
/** To write what is open; then its thread is ended. */
const STOP_MS = 3_000
/** It wants a signature and verifies none: the door has done that. */
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20000101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=a/20000101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=a',
}

/** Where the npm package has it, with LevelDB for each platform: so it needs no script that installs something. */
const packaged = fileURLToPath(new URL('../dynalite/index.cjs', import.meta.url))

/** Code of the thread. It needs no file of its own, so that it runs from a bundle, too. */
const thread = `
const { parentPort, workerData: { module, path, socket } } = require('node:worker_threads')
const server = require(module)({ createTableMs: 0, path })
server.listen(socket, () => parentPort.postMessage('listening'))
parentPort.once('message', () => {
  server.close(() => process.exit())
  server.closeAllConnections()
})`

/**
 * Starts dynalite (the DynamoDB API on LevelDB) in memory, or with its data in the folder `file`.level. It has a thread
 * of its own, because an error of its files ends all that runs beside it. It listens on a socket in a folder that only
 * this user may enter, never on a port.
 *
 * @throws its own message when it is not up within `timeoutMs` or cannot open its files.
 */
export async function startDynalite(file: string | undefined, timeoutMs: number): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-'))
  const socket = join(folder, 'db')
  const module = existsSync(packaged) ? packaged : createRequire(import.meta.url).resolve('dynalite')
  const workerData = { module, path: file && `${file}.level`, socket }
  // Options of this process, such as --input-type, are not for CommonJS.
  const worker = new Worker(thread, { eval: true, execArgv: [], workerData })
  let why: Error | undefined
  worker.on('error', (error: Error) => {
    why = error
  })
  const ended = new Promise((resolve) => worker.once('exit', resolve)).then(() =>
    rm(folder, { recursive: true, force: true }),
  )
  const engine: Engine = {
    pid: process.pid,
    ended,
    call: async (operation, input) => {
      // It has no expiry: what has expired stays.
      if (operation === 'UpdateTimeToLive') return { failed: false, text: '{}' }
      const { ReturnValuesOnConditionCheckFailure: _, ...known } = input as Record<string, unknown>
      return answerOf(await post(socket, operation, JSON.stringify(known)))
    },
    async stop() {
      worker.postMessage('stop')
      const late = setTimeout(() => void worker.terminate(), STOP_MS)
      await ended
      clearTimeout(late)
    },
  }
  try {
    await once(worker, 'message', { signal: AbortSignal.timeout(timeoutMs) })
    // It opens its files at the first call.
    const { text } = await engine.call('DescribeTable', { TableName: 'none' })
    if (!text.includes('ResourceNotFoundException')) throw new Error(text)
    return engine
  } catch (cause) {
    await worker.terminate()
    const reason = why?.message ?? (cause as Error).message
    throw new Error(`${reason}; is ${file}.level open in another process?`, { cause })
  }
}

type Answer = { readonly status: number; readonly body: string }

function post(socketPath: string, operation: string, body: string): Promise<Answer> {
  const target = { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-length': Buffer.byteLength(body) }
  const signal = AbortSignal.timeout(CALL_MS)
  return new Promise((resolve, reject) => {
    request({ socketPath, method: 'POST', path: '/', headers: { ...headers, ...target }, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
      .on('error', reject)
      .end(body)
  })
}

function answerOf({ status, body }: Answer): EngineAnswer {
  if (status === 200) return { failed: false, text: body }
  const { __type = '', message = '' } = JSON.parse(body) as { __type?: string; message?: string }
  return { failed: true, text: JSON.stringify({ error_type: __type.split('#').at(-1), message }) }
}
