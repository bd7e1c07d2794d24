import type { Template } from 'aws-cdk-lib/assertions'
import * as v from 'valibot'
import type { Definition } from '../../lib/operations/engine/definition.ts'
import type { Checked } from '../../lib/operations/switchover/lambda/check.ts'
import { type StepInput, stepInput } from '../../lib/operations/switchover/lambda/input.ts'
import type { Verified } from '../../lib/operations/switchover/lambda/verify.ts'
import type { Watched } from '../../lib/operations/switchover/lambda/watch.ts'
import type { AskedSwitchover } from '../../lib/protocol/outcome.ts'
import { type Interpreted, interpret } from '../workflows/interpret.ts'
import { resourcesOf } from './app.ts'
import { plain } from './resolve.ts'

/** What each step of the function answers; an Error is thrown. A list is answered one by one, its last for ever. */
export type Answers = {
  readonly check: Answer<Checked>
  readonly request: Answer<AskedSwitchover>
  readonly watch: Answer<Watched>
  readonly verify: Answer<Verified>
}
type Answer<T> = T | Error | readonly (T | Error)[]

/** The definition of a workflow as it stands in the template, references replaced by names. */
export function definitionOf(template: Template, workflow = 'Switchover'): Definition {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  const [, machine] = machines.find(([id]) => id.includes(`Baton${workflow}StateMachine`)) ?? []
  const text = String(plain(machine?.Properties.DefinitionString)).replaceAll('<AWS::Partition>', 'aws')
  return JSON.parse(text) as Definition
}

/** How an execution ended, the states it went through, and the inputs the function was called with. */
export type Execution = Interpreted & { readonly calls: readonly StepInput[] }

/** Runs a definition with the local interpreter; waits and pauses between tries take no time. */
export async function execute(definition: Definition, input: object, answers: Answers): Promise<Execution> {
  const calls: StepInput[] = []
  const ended = await interpret(definition, input, async (payload) => {
    const call = v.parse(stepInput, payload)
    const before = calls.filter(({ step }) => step === call.step).length
    calls.push(call)
    const answer = [answers[call.step]].flat()
    const now = answer[Math.min(before, answer.length - 1)]
    if (now instanceof Error) throw now
    return now
  })
  return { ...ended, calls }
}
