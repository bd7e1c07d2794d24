import { randomUUID } from 'node:crypto'
import validate from 'asl-validator'
import { StateMachine } from 'aws-local-stepfunctions'
import type { Definition } from '../../lib/operations/engine/definition.ts'

/** How an execution ended, and the states it went through. */
export type Interpreted = {
  readonly path: readonly string[]
  readonly error?: { readonly name: string; readonly message: string }
}

/** A machine checks its definition when it is made, which takes longer than to run it. */
const machines = new WeakMap<Definition, StateMachine>()
function machineOf(definition: Definition): StateMachine {
  const machine = machines.get(definition) ?? new StateMachine(definition as never)
  machines.set(definition, machine)
  return machine
}

/**
 * Runs a definition with the local interpreter; waits and pauses between tries take no time. `task` answers
 * what a function is called with, and its answer goes through JSON, as Lambda's does. `name` is the execution's.
 */
export async function interpret(
  definition: Definition,
  input: object,
  task: (payload: unknown) => Promise<unknown>,
  name: string = randomUUID(),
): Promise<Interpreted> {
  const call = async (payload: unknown) => {
    const answer = await task((payload as { Payload: unknown }).Payload)
    return { Payload: answer === undefined ? undefined : (JSON.parse(JSON.stringify(answer)) as unknown) }
  }
  const named = (type: string) =>
    Object.entries(definition.States).flatMap(([name, { Type }]) => (Type === type ? [name] : []))
  const each = <T>(names: readonly string[], value: T) => Object.fromEntries(names.map((name) => [name, value]))
  const run = machineOf(definition).run(input as never, {
    context: { Execution: { Name: name } },
    overrides: {
      taskResourceLocalHandlers: each(named('Task'), call) as never,
      waitTimeOverrides: each(named('Wait'), 0),
      retryIntervalOverrides: each(named('Task'), 0),
    },
  })
  const path: string[] = []
  let error: Interpreted['error']
  run.result.catch(() => {})
  for await (const event of run.eventLogs) {
    if (event.type === 'StateEntered') path.push(event.state.name)
    if (event.type === 'ExecutionFailed') error = { name: event.Error, message: String(event.Cause ?? '') }
  }
  return error ? { path, error } : { path }
}

/** What is wrong with a definition, or would be ignored by the local interpreter. */
export function faultsOf(definition: Definition): unknown[] {
  const { isValid, errors } = validate(structuredClone(definition))
  const ignored = JSON.stringify(definition).match(/"(QueryLanguage|Assign|Arguments|Output)"|\{%/g) ?? []
  return [...(isValid ? [] : errors), ...ignored]
}
