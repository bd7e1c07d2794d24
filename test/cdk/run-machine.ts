import type { Template } from 'aws-cdk-lib/assertions'
import type { Definition } from '../../lib/operations/engine/definition.ts'
import type { StepCall, Taken } from '../../lib/operations/engine/take-step.ts'
import { type Interpreted, interpret } from '../operations/interpret.ts'
import { resourcesOf } from './app.ts'
import { plain } from './resolve.ts'

/** What each step of the function answers; an Error is thrown. A list is answered one by one, its last for ever. */
export type Answers = Readonly<Record<string, Answer>>
type Answer = Taken | Error | readonly (Taken | Error)[]

/** The definition of a workflow as it stands in the template, references replaced by names. */
export function definitionOf(template: Template, workflow = 'Switchover'): Definition {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  const [, machine] = machines.find(([id]) => id.includes(`Baton${workflow}StateMachine`)) ?? []
  const text = String(plain(machine?.Properties.DefinitionString)).replaceAll('<AWS::Partition>', 'aws')
  return JSON.parse(text) as Definition
}

/** How an execution ended, the states it went through, and the inputs the function was called with. */
export type Execution = Interpreted & { readonly calls: readonly StepCall[] }

/** Runs a definition with the local interpreter; waits and pauses between tries take no time. */
export async function execute(definition: Definition, input: object, answers: Answers): Promise<Execution> {
  const calls: StepCall[] = []
  const ended = await interpret(definition, input, async (payload) => {
    const call = payload as StepCall
    const before = calls.filter(({ step }) => step === call.step).length
    calls.push(call)
    const answer = [answers[call.step] ?? []].flat()
    const now = answer[Math.min(before, answer.length - 1)]
    if (now instanceof Error) throw now
    return now
  })
  return { ...ended, calls }
}
