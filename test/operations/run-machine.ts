import { randomUUID } from 'node:crypto'
import type { Operation } from '../../lib/operations/engine/operation.ts'
import { type Taken, takeStep } from '../../lib/operations/engine/take-step.ts'
import { toStateMachine } from '../../lib/operations/engine/to-state-machine.ts'
import { type Interpreted, interpret } from './interpret.ts'

/** A function that is not there: the local interpreter calls the step itself. */
export const task = { arn: 'arn:aws:lambda:eu-west-1:1:function:f', partition: 'aws' }

/** How an execution is watched; `after` may fail a call after it was made. */
export type Watched = {
  readonly name?: string
  readonly sliceMs?: number
  readonly before?: (step: string, owner: string) => void
  readonly after?: (step: string, taken: Taken) => void | Promise<void>
}

/** Runs the state machine that is deployed for an operation, with the operation's own steps, by a local interpreter. */
export async function runMachine<Ports, Input, State>(
  operation: Operation<Ports, Input, State>,
  ports: Ports,
  input: object,
  { name = randomUUID(), sliceMs, before, after }: Watched = {},
): Promise<Interpreted & { readonly taken: readonly Taken[] }> {
  const taken: Taken[] = []
  const ended = await interpret(
    toStateMachine(operation, task),
    input,
    async (payload) => {
      const call = payload as Parameters<typeof takeStep>[2]
      before?.(call.step, call.owner)
      const came = await takeStep(operation, ports, call, { sliceMs })
      taken.push(came)
      await after?.(call.step, came)
      return came
    },
    name,
  )
  return { ...ended, taken }
}
