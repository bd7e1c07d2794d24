import * as v from 'valibot'
import { InvalidInputError, readInput } from './errors.ts'
import { type Call, type Caught, isStep, type Operation, type Step } from './operation.ts'

/** A function's input: the step, the run's id, the operation's input, and the state that earlier steps left. */
export const stepCall = v.object({
  step: v.string(),
  owner: v.string(),
  input: v.unknown(),
  state: v.optional(v.record(v.string(), v.unknown()), {}),
  error: v.optional(v.object({ Error: v.optional(v.string(), ''), Cause: v.optional(v.string(), '') })),
})
export type StepCall = v.InferOutput<typeof stepCall>

/** A function's answer: as `Came`, with the whole state as JSON. */
export type Taken = {
  readonly outcome: string
  readonly text: string
  readonly state: Readonly<Record<string, unknown>>
}

/** How a call is watched and ended. */
export type Watched = {
  readonly [K in 'sliceMs' | 'signal' | 'report' | 'progress']?: Call<never, never, never>[K] | undefined
}

/** A waiting step yields to its next call after this time, so that an abort takes effect. */
const SLICE_MS = 40_000
/** A state machine's payload is bounded. */
const MOST_TEXT = 20_000

/**
 * Carries out one step of an operation. Functions and local runs make the same call.
 *
 * @throws InvalidInputError when the operation has no such step, or its input or state is invalid.
 */
export async function takeStep<Ports, Input, State>(
  operation: Operation<Ports, Input, State>,
  ports: Ports,
  { step: name, owner, input, state, error }: StepCall,
  { sliceMs, signal = new AbortController().signal, report = () => {}, progress = () => {} }: Watched = {},
): Promise<Taken> {
  const step = stepNamed(operation, name)
  const call = {
    ports,
    input: readInput(operation.input, input),
    state: readInput(operation.state, state),
    owner,
    error: error && { Error: error.Error, Cause: messageOf(error) },
    sliceMs: sliceMs ?? step.sliceMs ?? SLICE_MS,
    signal,
    report,
    progress,
  }
  const { outcome, text, state: left } = await step.run(call)
  return { outcome, text: text.slice(0, MOST_TEXT), state: { ...state, ...toJson(left ?? {}) } }
}

function stepNamed<P, I, S>({ name, nodes }: Operation<P, I, S>, step: string): Step<P, I, S> {
  const node = nodes[step]
  if (isStep(node)) return node
  const steps = Object.keys(nodes).filter((each) => isStep(nodes[each]))
  throw new InvalidInputError([`step: ${name} has none called "${step}"; it has ${steps.join(', ')}`])
}

/** Block numbers become decimal strings; a field set to `undefined` clears the stored one. */
const toJson = (state: object): Record<string, unknown> => ({
  ...Object.fromEntries(Object.keys(state).map((key) => [key, undefined])),
  ...(JSON.parse(JSON.stringify(state, (_, value) => (typeof value === 'bigint' ? String(value) : value))) as object),
})

const lambdaCause = v.pipe(v.string(), v.parseJson(), v.object({ errorMessage: v.string() }))

/** The message in an error: Lambda wraps it in JSON with a stack. At most 1,000 characters. */
export function messageOf({ Error: name, Cause }: Caught): string {
  const read = v.safeParse(lambdaCause, Cause)
  return (read.success ? read.output.errorMessage : Cause || name || 'it failed').slice(0, 1_000)
}
