import { createRequire } from 'node:module'
import type * as Ssm from '@cdklabs/cdk-ssm-documents'
import { App, Stack } from 'aws-cdk-lib'
import { describe, expect, test } from 'vitest'
import { resourcesOf, synthesize } from './app.ts'
import { configurations } from './configurations.ts'
import { legible } from './resolve.ts'

const { OnFailure, ResponseCode, Simulation, StringDocument, StringStep } = createRequire(import.meta.url)(
  '@cdklabs/cdk-ssm-documents',
) as typeof Ssm

type Output = { readonly Name: string; readonly Selector: string; readonly Type: string }
type Step = {
  readonly name: string
  readonly action: string
  readonly onFailure?: string
  readonly isCritical?: boolean
  readonly outputs?: Output[]
}
type Document = { readonly mainSteps: readonly Step[]; readonly outputs?: readonly string[] }
/** Every Automation document of the configurations, each content once. */
const documents = [
  ...new Map(
    Object.values(configurations).flatMap((config) =>
      resourcesOf(synthesize(config()), 'AWS::SSM::Document').flatMap(([, { Properties }]) => {
        const { Name, DocumentType, Content } = legible(Properties) as Record<string, unknown>
        if (DocumentType !== 'Automation') return []
        return [[JSON.stringify([Name, Content]), [String(Name), Content as Document] as const] as const]
      }),
    ),
  ).values(),
]

/** The steps that the simulator's importer knows; it has none that starts a state machine or calls a function. */
const simulated = ['aws:executeAwsApi', 'aws:branch']
const able = documents.filter(([, { mainSteps }]) => mainSteps.every(({ action }) => simulated.includes(action)))

type Call = { readonly awsApi: string; readonly awsParams: Record<string, unknown> }

const AFTER = { name: 'After', action: 'aws:sleep', inputs: { Duration: 'PT1S' } }

/** What AWS does with a selector that matches nothing is not documented: it may fail the step, or give nothing. */
type Unmatched = 'fails' | 'gives nothing'

/**
 * Runs a document of the template in cdklabs' simulator of Systems Manager, which asks `answer` instead of AWS. The
 * simulator takes the first match of a selector even for a list, so lists are selected here; and its importer drops
 * `onFailure`.
 */
function simulate(
  { mainSteps, ...content }: Document,
  inputs: Record<string, string>,
  answer: (call: Call) => object,
  unmatched: Unmatched = 'fails',
) {
  const calls: Call[] = []
  const stack = new Stack(new App(), 'Simulated')
  const automation = StringDocument.fromJson(stack, 'Document', JSON.stringify({ ...content, mainSteps: [] }))
  const nothing = unmatched === 'fails' ? undefined : { '': '' }
  for (const { outputs = [], onFailure, ...step } of mainSteps) {
    const simple = outputs.map((each) => ({ ...each, Selector: `$.selected.${each.Name}` }))
    const imported = StringStep.fromObject(stack, { ...step, outputs: simple })
    if (onFailure === 'Continue')
      Object.assign(Reflect.get(imported, 'automationStep') as object, { onFailure: OnFailure.continue() })
    automation.addStep(imported)
  }
  // The simulator does not know that a last step may fail if it is not critical.
  if (mainSteps.at(-1)?.isCritical === false) automation.addStep(StringStep.fromObject(stack, AFTER))
  const selectors = new Map(mainSteps.flatMap(({ outputs = [] }) => outputs.map((each) => [each.Name, each] as const)))
  const invoke = (call: Call) => {
    calls.push(call)
    const given = answer(call)
    const selected = [...selectors.values()].map(({ Name, Selector, Type }) => {
      const found = select(given, Selector)
      const empty = found.length === 0
      const value = Type === 'StringList' ? found : found[0]
      return [Name, empty ? nothing && (Type === 'StringList' ? [] : '') : value] as const
    })
    return { ...given, selected: Object.fromEntries(selected) }
  }
  const simulation = Simulation.ofAutomation(automation, {
    awsInvoker: { invoke } as unknown as Ssm.IAwsInvoker,
    sleepHook: { sleep: () => {} } as unknown as Ssm.ISleepHook,
  })
  const { responseCode, outputs = {} } = simulation.simulate(inputs)
  return { succeeded: responseCode === ResponseCode.SUCCESS, outputs: outputs as Record<string, unknown>, calls }
}

/** The matches of `$.a`, or of `$.list..a.b` with one object in each item. */
function select(from: object, selector: string): unknown[] {
  const [top = '', below] = selector.slice(2).split('..')
  const at = (value: unknown, key: string) => (value as Record<string, unknown> | undefined)?.[key]
  const found = at(from, top)
  if (below === undefined) return found === undefined ? [] : [found]
  const items = (found as object[] | undefined) ?? []
  return items.map((item) => below.split('.').reduce<unknown>(at, item)).filter((value) => value !== undefined)
}

// As AWS answers: `error` and `cause` only of an execution that failed, timed out or was aborted.
const described = { executionArn: 'arn', input: '{"chain":"901"}' }
const entered = { id: 2, stateEnteredEventDetails: { name: 'Check' } }
const answered = { id: 3, taskSucceededEventDetails: { output: '{"ok":true}' } }
const executions: readonly (readonly [string, object, object[], Record<string, unknown>])[] = [
  ['that has begun', { ...described, status: 'RUNNING' }, [], { 'Watch.Status': 'RUNNING' }],
  [
    'that runs',
    { ...described, status: 'RUNNING' },
    [entered],
    { 'Watch.Status': 'RUNNING', 'States.States': ['Check'] },
  ],
  [
    'that succeeded',
    { ...described, status: 'SUCCEEDED', output: '{}' },
    [answered, entered],
    { 'Watch.Status': 'SUCCEEDED', 'States.States': ['Check'], 'Answers.Answers': ['{"ok":true}'] },
  ],
  [
    'that failed',
    { ...described, status: 'FAILED', error: 'Refused', cause: 'seq-b is behind' },
    [answered, entered],
    {
      'Watch.Status': 'FAILED',
      'States.States': ['Check'],
      'Answers.Answers': ['{"ok":true}'],
      'Failure.Error': 'Refused',
      'Failure.Cause': 'seq-b is behind',
    },
  ],
]
const watches = able.filter(([name]) => name.includes('-Watch'))

test('the simulator runs the documents that watch, and those that only abort', () => {
  expect(new Set(watches.map(([name]) => name)).size).toBe(6)
  expect(able.length).toBeGreaterThan(watches.length)
})

describe.each(watches)('%s', (_, content) => {
  const bothWays = executions.flatMap((each) =>
    (['fails', 'gives nothing'] as const).map((way) => [...each, way] as const),
  )
  test.each(bothWays)('of an execution %s, tells what there is', (_name, description, events, expected, unmatched) => {
    const answer = ({ awsApi }: Call) => (awsApi.toLowerCase() === 'describeexecution' ? description : { events })
    const { succeeded, outputs, calls } = simulate(content, { Execution: 'run-1' }, answer, unmatched)
    expect(succeeded).toBe(true)
    expect(outputs).toMatchObject(expected)
    expect(calls).toHaveLength(content.mainSteps.length)
    for (const { awsParams } of calls)
      expect(awsParams).toMatchObject({ executionArn: expect.stringMatching(/:run-1$/) })
  })

  test('names an output of each step, and no other', () => {
    const { outputs } = simulate(content, { Execution: 'run-1' }, ({ awsApi }) =>
      awsApi.toLowerCase() === 'describeexecution'
        ? { ...described, status: 'FAILED', error: 'E', cause: 'c' }
        : { events: [answered, entered] },
    )
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining([...(content.outputs ?? [])]))
  })
})

describe.each(able.filter(([name]) => name.includes('-Abort')))('%s', (_, content) => {
  test('stops the execution', () => {
    const { succeeded, calls } = simulate(content, { Execution: 'run-1' }, () => ({}))
    expect(succeeded).toBe(true)
    expect(calls.map(({ awsApi }) => awsApi.toLowerCase())).toEqual(['stopexecution'])
    expect(calls[0]?.awsParams).toMatchObject({
      executionArn: expect.stringMatching(/:run-1$/),
      cause: expect.stringMatching(/^by automation \S+$/),
    })
  })

  test('fails when AWS refuses, and says so', () => {
    const refuse = () => {
      throw new Error('ExecutionDoesNotExist')
    }
    expect(simulate(content, { Execution: 'run-1' }, refuse).succeeded).toBe(false)
  })
})
