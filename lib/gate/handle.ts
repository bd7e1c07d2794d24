import { silentLog } from '../log.ts'
import { formatError, type GateResponse, logError, respond, toBatonError } from './answer.ts'
import { authenticate } from './auth.ts'
import { DEFAULT_BUDGET_MS, DEFAULT_MAX_BODY_BYTES, type GateContext } from './context.ts'
import { answerCall } from './dispatch.ts'
import { GateError, UnauthorizedError, WrongVerbError } from './errors.ts'
import { logSeries } from './log-series.ts'
import { silentMetrics } from './metrics.ts'
import { parseCalls } from './parse-calls.ts'
import { readiness } from './readiness.ts'
import { type Caller, route } from './route.ts'
import { BodyTooLargeError } from './rpc-errors.ts'

/** An HTTP request, whoever received it. */
export type GateRequest = {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  /** The body, or how to read at most so many bytes of it: then it is read from authenticated callers only. */
  readonly body: Uint8Array | ((maxBytes: number) => Promise<Uint8Array>)
}

/** Answers one request; never throws. */
export type Gate = (request: GateRequest) => Promise<GateResponse>

/** What a gate is made of: see {@link GateContext}; what is optional here has a default. */
export type GateOptions = Pick<GateContext, 'heads' | 'objects' | 'findSecrets' | 'readyChain' | 'version'> &
  Partial<GateContext>

/**
 * The endpoint `--conductor.rpc` of an op-node points at, free of HTTP: a Lambda and a local server
 * use the same. It answers with 200 and JSON-RPC, except: 401 without the node's secret, 404 and 405
 * for other URLs, 408 and 413 for bodies that do not arrive or are too large.
 */
export function createGate(options: GateOptions): Gate {
  const context: GateContext = {
    now: Date.now,
    log: silentLog,
    metrics: silentMetrics,
    budgetMs: DEFAULT_BUDGET_MS,
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    series: logSeries(),
    ...options,
  }
  const ready = readiness(context)

  return async (request) => {
    try {
      const found = route(request.method, request.path)
      if (found.to === 'health') return respond(200, JSON.stringify({ version: context.version }))
      if (found.to === 'readiness') return await ready()
      await authenticate(found.caller, request.authorization, context.findSecrets)
      return await answerBody(context, found.caller, await readBody(request, context.maxBodyBytes))
    } catch (thrown) {
      return refuse(context, request, thrown)
    }
  }
}

async function readBody({ body }: GateRequest, maxBytes: number): Promise<Uint8Array> {
  const bytes = typeof body === 'function' ? await body(maxBytes) : body
  if (bytes.length > maxBytes) throw new BodyTooLargeError(maxBytes)
  return bytes
}

async function answerBody(context: GateContext, caller: Caller, body: Uint8Array): Promise<GateResponse> {
  const started = performance.now()
  const { batch, calls } = parseCalls(body)
  const parseMs = performance.now() - started
  const answers: string[] = []
  // In order: the next block of a batch is the child of the one before.
  for (const call of calls) {
    const answer = await answerCall(context, caller, call, parseMs)
    if (answer !== undefined) answers.push(answer)
  }
  if (answers.length === 0) return { status: 204, headers: {}, body: '' }
  return respond(200, batch ? `[${answers.join(',')}]` : answers.join(''))
}

function refuse({ log, series }: GateContext, { method, path }: GateRequest, thrown: unknown): GateResponse {
  const error = toBatonError(thrown)
  const status = error instanceof GateError ? error.status : 500
  // Without its query: who writes a secret there by mistake must not find it here.
  const facts = { verb: method.slice(0, 20), path: path.split('?', 1)[0]?.slice(0, 200) }
  // Anybody who reaches the port can be refused as often as they like.
  series(`${error.code} ${facts.path}`, (repeated) => logError(log, error, { ...facts, ...(repeated && { repeated }) }))
  return respond(status, formatError('null', error), {
    ...(error instanceof UnauthorizedError && { 'www-authenticate': 'Basic realm="baton", charset="UTF-8"' }),
    ...(error instanceof WrongVerbError && { allow: error.allow }),
  })
}
