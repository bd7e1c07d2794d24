import * as v from 'valibot'
import { type Acts, type FaultKind, faultKinds } from './acts.ts'
import type { Refusal } from './guard.ts'

const nothing = v.strictObject({})
const inputs = {
  pause: nothing,
  resume: nothing,
  hold: nothing,
  switchover: v.strictObject({ to: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(100))) }),
  fault: v.strictObject({
    node: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
    kind: v.picklist(Object.keys(faultKinds) as FaultKind[]),
  }),
}

/** What an act came to: a sentence for the reader, or why it was not done. */
export type Performed = { readonly status: 200; readonly message: string } | Refusal

/** Performs the act a request asks for, if it is offered and its input (JSON) is what the act takes. */
export async function perform(acts: Acts, verb: string, body: string): Promise<Performed> {
  try {
    switch (verb) {
      case 'pause':
      case 'resume':
      case 'hold': {
        read(inputs[verb], body)
        return await done(acts[verb]?.())
      }
      case 'switchover': {
        const { to } = read(inputs.switchover, body)
        return await done(acts.switchover?.(to === undefined ? {} : { to }))
      }
      case 'fault':
        return await done(acts.fault?.(read(inputs.fault, body)))
      default:
        return { status: 404, message: `there is no act "${verb}"` }
    }
  } catch (error) {
    if (error instanceof v.ValiError || error instanceof SyntaxError) return { status: 400, message: error.message }
    return { status: 409, message: error instanceof Error ? error.message : String(error) }
  }

  async function done(act: Promise<string> | undefined): Promise<Performed> {
    if (!act) return { status: 404, message: `"${verb}" is not offered here` }
    return { status: 200, message: await act }
  }
}

function read<const S extends v.GenericSchema>(schema: S, body: string): v.InferOutput<S> {
  return v.parse(schema, body === '' ? {} : JSON.parse(body))
}
