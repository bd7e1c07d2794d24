import * as v from 'valibot'
import { BatonError } from '../errors.ts'
import { isAct } from '../operator/act-names.ts'
import { acts as operatorActs } from '../operator/acts.ts'
import { type Acts, type FaultKind, faultKinds } from './acts.ts'
import type { Refusal } from './guard.ts'
import { type PlanShown, type ProcedureName, procedureInputs, readPlanning, readStarting } from './procedures.ts'

const nothing = v.strictObject({})
const fault = v.strictObject({
  node: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  kind: v.picklist(Object.keys(faultKinds) as FaultKind[]),
})

/** The result of an act: a sentence for the reader, or why it was not done. */
export type Performed = { readonly status: 200; readonly message: string } | Refusal

/** Performs the requested act, if it is offered and its input (JSON) is valid. */
export function perform(acts: Acts, verb: string, body: string): Promise<Performed> {
  return answer(async () => {
    const message = await act(acts, verb, body)
    return message === undefined ? notOffered(verb) : { status: 200, message }
  })
}

/** Plans a procedure; changes nothing. */
export function plan(
  acts: Acts,
  verb: string,
  body: string,
): Promise<{ readonly status: 200; readonly plan: PlanShown } | Refusal> {
  return answer(async () => {
    const procedure = offered(acts, verb)
    if (!procedure) return notOffered(verb)
    return { status: 200, plan: await procedure.plan(readPlanning(procedure.name, parse(body))) }
  })
}

/** `undefined` = not offered here. */
async function act(acts: Acts, verb: string, body: string): Promise<string | undefined> {
  if (isAct(verb)) return await acts.operate?.(verb, read(operatorActs[verb].input, body))
  if (verb === 'fault') return await acts.fault?.(read(fault, body))
  if (verb === 'stop' || verb === 'dismiss') {
    read(nothing, body)
    return await acts.procedures?.[verb]()
  }
  const procedure = offered(acts, verb)
  return await procedure?.start(readStarting(procedure.name, parse(body)))
}

/** The procedure, if it is available here. */
function offered({ procedures }: Acts, verb: string) {
  if (!procedures || !Object.hasOwn(procedureInputs, verb)) return undefined
  const name = verb as ProcedureName
  return procedures.unavailable[name] === undefined ? { ...procedures, name } : undefined
}

const notOffered = (verb: string): Refusal => ({ status: 404, message: `"${verb}" is not offered here` })

async function answer<T>(work: () => Promise<T | Refusal>): Promise<T | Refusal> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof v.ValiError) return { status: 400, message: formatIssue(error) }
    if (error instanceof SyntaxError) return { status: 400, message: error.message }
    return { status: 409, message: formatError(error) }
  }
}

function formatIssue({ issues: [issue], message }: v.ValiError<v.GenericSchema>): string {
  const path = issue && v.getDotPath(issue)
  return path ? `${path}: ${message}` : message
}

/** An error as a sentence, with what to do where that is known. */
export function formatError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof BatonError ? `${message}. To do: ${error.remedy}` : message
}

const parse = (body: string): unknown => (body === '' ? {} : JSON.parse(body))

function read<const S extends v.GenericSchema>(schema: S, body: string): v.InferOutput<S> {
  return v.parse(schema, parse(body))
}
