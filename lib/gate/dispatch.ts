import { formatError, formatResult, logError, toBatonError } from './answer.ts'
import type { GateContext } from './context.ts'
import { active } from './methods/active.ts'
import { commitPayload } from './methods/commit.ts'
import { leader } from './methods/leader.ts'
import type { Call } from './parse-calls.ts'
import type { Caller } from './route.ts'
import { InvalidParamsError, MethodNotFoundError } from './rpc-errors.ts'

type Known = 'conductor_leader' | 'conductor_active' | 'conductor_commitUnsafePayload'
type NamedCall = Extract<Call, { kind: 'call' }>

/**
 * Answers one call with JSON text; `undefined` for a notification, which is not carried out either:
 * nobody would learn what came of it. Never throws. `parseMs` is what parsing the body took.
 */
export async function answerCall(
  context: GateContext,
  caller: Caller,
  call: Call,
  parseMs: number,
): Promise<string | undefined> {
  if (call.kind === 'notification') return undefined
  if (call.kind === 'invalid') return formatError(call.id, call.error)
  const method = isKnown(call.method) ? call.method : 'other'
  try {
    const result = await run(context, caller, call, parseMs)
    context.metrics.call(caller, method, 'ok')
    return formatResult(call.id, result)
  } catch (thrown) {
    const error = toBatonError(thrown)
    context.metrics.call(caller, method, error.code)
    logError(context.log, error, { ...caller, method })
    return formatError(call.id, error)
  }
}

async function run(context: GateContext, caller: Caller, call: NamedCall, parseMs: number): Promise<boolean | null> {
  switch (call.method) {
    case 'conductor_leader':
      refuseParams(call)
      return await leader(context, caller)
    case 'conductor_active':
      refuseParams(call)
      return await active(context, caller)
    case 'conductor_commitUnsafePayload':
      await commitPayload(context, caller, { params: call.params, rawParam: call.rawParam, parseMs })
      return null
    default:
      throw new MethodNotFoundError(call.method)
  }
}

function refuseParams({ params }: NamedCall) {
  if (params === undefined || params === null || (Array.isArray(params) && params.length === 0)) return
  throw new InvalidParamsError('params', 'must be absent or an empty list')
}

function isKnown(method: string): method is Known {
  return ['conductor_leader', 'conductor_active', 'conductor_commitUnsafePayload'].includes(method)
}
