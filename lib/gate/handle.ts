import { silentLog } from '../log.ts'
import { MAX_INLINE_BYTES } from '../store/payload.ts'
import { formatError, formatResult, type GateResponse, logError, respond, toBatonError } from './answer.ts'
import { type Caller, identify, type Route, route, userOf } from './auth.ts'
import { type CommitsFirst, commitsFirst } from './commits-first.ts'
import {
  DEFAULT_BUDGET_MS,
  DEFAULT_MAX_BODY_BYTES,
  DEFAULT_SPILL_BUDGET_MS,
  type GateContext,
  logSeries,
  silentMetrics,
  within,
} from './context.ts'
import { type Access, deskMethods, isDeskMethod, mayCall, type Place } from './desk.ts'
import {
  GateError,
  NotAllowedError,
  UnauthorizedError,
  UnknownPathError,
  WrongPathError,
  WrongVerbError,
} from './errors.ts'
import { commitPayload } from './methods/commit.ts'
import { active, leader } from './methods/leader.ts'
import { type Call, parseCalls } from './parse-calls.ts'
import { BodyTooLargeError, InvalidParamsError, MethodNotFoundError } from './rpc-errors.ts'

/** An HTTP request, independent of the transport. */
export type GateRequest = {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  /** The body, or a function that reads at most `maxBytes` of it; then only authenticated callers' bodies are read. */
  readonly body: Uint8Array | ((maxBytes: number) => Promise<Uint8Array>)
}

/** Answers one request; never throws. */
export type Gate = (request: GateRequest) => Promise<GateResponse>

/** The options of a gate: see {@link GateContext}. Optional fields have a default. */
export type GateOptions = Pick<GateContext, 'heads' | 'objects' | 'findSecrets' | 'readyChain' | 'version'> &
  Partial<GateContext>

/**
 * Creates the endpoint that op-node's `--conductor.rpc` points at, independent of HTTP: a Lambda and a local server
 * share it. It answers 200 with JSON-RPC, except: 401 without the node's secret, 404 and 405 for other URLs, 408 and
 * 413 for bodies that do not arrive or are too large.
 */
export function createGate(options: GateOptions): Gate {
  const context: GateContext = {
    now: Date.now,
    log: silentLog,
    metrics: silentMetrics,
    budgetMs: DEFAULT_BUDGET_MS,
    inlineBytes: () => MAX_INLINE_BYTES,
    spillBudgetMs: DEFAULT_SPILL_BUDGET_MS,
    maxBodyBytes: DEFAULT_MAX_BODY_BYTES,
    series: logSeries(),
    ...options,
  }
  const ready = readiness(context)
  const first = commitsFirst()

  return async (request) => {
    try {
      const found = route(request.method, request.path)
      if (found.to === 'root-health' && context.rootChain === undefined) throw new UnknownPathError()
      if (found.to === 'health' || found.to === 'root-health')
        return respond(200, JSON.stringify({ version: context.version }))
      if (found.to === 'readiness') return await ready()
      const place = await placeOf(context, found, request.authorization)
      const access = await identify(place, request.authorization, context)
      const body =
        access.role === 'node'
          ? await first.commit(() => readBody(request, context.maxBodyBytes))
          : await readBody(request, SMALL_BODY_BYTES)
      return await answerBody(context, { place, access, first }, body)
    } catch (thrown) {
      return refuse(context, request, thrown)
    }
  }
}

/** Only a node sends blocks. */
const SMALL_BODY_BYTES = 64 * 1024

/** Where a call arrived. At `/` the user name names the node; a name of no node is that of a person. */
async function placeOf(
  { rootChain: chain, findSecrets }: GateContext,
  found: Extract<Route, { to: 'node' | 'leader' | 'root' }>,
  authorization: string | undefined,
): Promise<Place> {
  if (found.to === 'node') return found.caller
  if (found.to === 'leader') return { chain: found.chain }
  if (chain === undefined) throw new UnknownPathError()
  const node = userOf(authorization)
  return (await findSecrets(chain, node)) ? { chain, node } : { chain }
}

async function readBody({ body }: GateRequest, maxBytes: number): Promise<Uint8Array> {
  const bytes = typeof body === 'function' ? await body(maxBytes) : body
  if (bytes.length > maxBytes) throw new BodyTooLargeError(maxBytes)
  return bytes
}

/** Where a call arrived, who called, and what it waits for. */
type Called = { readonly place: Place; readonly access: Access; readonly first: CommitsFirst }

async function answerBody(context: GateContext, called: Called, body: Uint8Array): Promise<GateResponse> {
  const started = performance.now()
  const { batch, calls } = parseCalls(body)
  const parseMs = performance.now() - started
  const answers: string[] = []
  // In order: the next block of a batch is the child of the previous one.
  for (const call of calls) {
    const answer = await answerCall(context, called, call, parseMs)
    if (answer !== undefined) answers.push(answer)
  }
  if (answers.length === 0) return { status: 204, headers: {}, body: '' }
  return respond(200, batch ? `[${answers.join(',')}]` : answers.join(''))
}

function refuse({ log, series }: GateContext, { method, path }: GateRequest, thrown: unknown): GateResponse {
  const error = toBatonError(thrown)
  const status = error instanceof GateError ? error.status : 500
  // Drops the query: a secret put there by mistake must not reach the log.
  const facts = { verb: method.slice(0, 20), path: path.split('?', 1)[0]?.slice(0, 200) }
  // Any client that reaches the port can trigger refusals without limit.
  series(`${error.code} ${facts.path}`, (repeated) => logError(log, error, { ...facts, ...(repeated && { repeated }) }))
  return respond(status, formatError('null', error), {
    ...(error instanceof UnauthorizedError && { 'www-authenticate': 'Basic realm="baton", charset="UTF-8"' }),
    ...(error instanceof WrongVerbError && { allow: error.allow }),
  })
}

/** Unauthenticated, so it reads the store at most once a second. */
const REMEMBER_MS = 1000

/**
 * Answers `/readyz`: 200 while the store answers, otherwise 503. Reads the head of a served chain: the next commit
 * needs the same right and the same item.
 */
export function readiness({ heads, readyChain, budgetMs, version, log }: GateContext): () => Promise<GateResponse> {
  let answer: Promise<GateResponse> | undefined
  let until = 0

  const ask = async () => {
    try {
      await within(budgetMs, 'read', 'readyz', () => heads.read(readyChain))
      return respond(200, JSON.stringify({ version, store: 'ok' }))
    } catch (thrown) {
      const { code, message } = toBatonError(thrown)
      log.error(`not ready: ${message}`, { code })
      return respond(503, JSON.stringify({ version, store: code }))
    }
  }

  return () => {
    if (!answer || performance.now() > until) {
      until = performance.now() + REMEMBER_MS
      answer = ask()
    }
    return answer
  }
}

type NamedCall = Extract<Call, { kind: 'call' }>

/**
 * Answers one call with JSON text. Returns `undefined` for a notification and does not execute it: the caller could not
 * learn the result. Never throws. `parseMs` is the time spent parsing the body.
 */
async function answerCall(
  context: GateContext,
  called: Called,
  call: Call,
  parseMs: number,
): Promise<string | undefined> {
  if (call.kind === 'notification') return undefined
  if (call.kind === 'invalid') return formatError(call.id, call.error)
  const caller: Caller = { node: 'leader', ...called.place }
  const method = isKnown(context, call.method) ? call.method : 'other'
  try {
    const result = await run(context, called, call, parseMs)
    context.metrics.call(caller, method, 'ok')
    return formatResult(call.id, result)
  } catch (thrown) {
    const error = toBatonError(thrown)
    context.metrics.call(caller, method, error.code)
    const facts = { ...caller, method }
    if (COMMIT_PATH.includes(method) || !isDeskMethod(method)) logError(context.log, error, facts)
    // Programs ask a standby again and again, and are refused as often.
    else {
      const report = (repeated: object | undefined) =>
        logError(context.log, error, { ...facts, ...(repeated && { repeated }) })
      context.series(`${error.code} ${caller.chain} ${caller.node} ${method}`, report)
    }
    return formatError(call.id, error)
  }
}

/** What op-node calls, and what a gate without a desk answers. */
const COMMIT_PATH: readonly string[] = ['conductor_leader', 'conductor_active', 'conductor_commitUnsafePayload']

const isKnown = ({ desk }: GateContext, method: string): boolean =>
  COMMIT_PATH.includes(method) || (desk !== undefined && isDeskMethod(method))

/** The result of a call as JSON text. */
async function run(
  context: GateContext,
  { place, access, first }: Called,
  call: NamedCall,
  parseMs: number,
): Promise<string> {
  const { node } = place
  const caller = node === undefined ? undefined : { ...place, node }
  if (call.method === 'conductor_commitUnsafePayload') {
    if (!caller || context.commits === false) throw new WrongPathError(call.method)
    if (access.role !== 'node') throw new NotAllowedError(call.method, access.role, 'node')
    const input = { params: call.params, rawParam: call.rawParam, parseMs }
    await first.commit(() => commitPayload(context, caller, input))
    return 'null'
  }
  if (call.method === 'conductor_leader' && caller) {
    refuseParams(call)
    return String(await leader(context, caller, access.role === 'node'))
  }
  const { desk } = context
  if (desk && isDeskMethod(call.method)) {
    if (!mayCall(access, call.method, place))
      throw new NotAllowedError(call.method, access.role, deskMethods[call.method])
    const { method, params = [] } = call
    if (params !== null && !Array.isArray(params)) throw new InvalidParamsError('params', 'must be a list')
    await first.turn()
    return await desk({ ...place, method, params: params ?? [], by: access.name })
  }
  if (call.method === 'conductor_active' && caller) {
    refuseParams(call)
    return String(await active(context, caller))
  }
  throw new MethodNotFoundError(call.method)
}

function refuseParams({ params }: NamedCall) {
  if (params === undefined || params === null || (Array.isArray(params) && params.length === 0)) return
  throw new InvalidParamsError('params', 'must be absent or an empty list')
}
