import type { Definition, State } from './definition.ts'
import { FINAL } from './final-errors.ts'
import { type Bound, type End, failureSteps, type Graph, isStep, type Node, type Step } from './operation.ts'

/** The function that carries an operation's steps out, and the AWS partition it is in. */
export type TaskFunction = { readonly arn: string; readonly partition: string }

/**
 * The state machine of an operation: one visible state a step, under the same name. `$.input` is what was asked for,
 * `$.at.value` what the last step came to, `$.error` what the last failed one left.
 */
export function toStateMachine(operation: Graph, task: TaskFunction): Definition {
  const { nodes, start, comment, timeoutSeconds } = operation
  const failures = failureSteps(operation.nodes)
  const bounds = Object.entries(nodes).flatMap(([name, node]) => ('most' in node ? [[keyOf(name), { n: 0 }]] : []))
  const prepare: State = {
    Type: 'Pass',
    Parameters: {
      'input.$': '$',
      at: { value: { outcome: '', text: '', state: {} } },
      counts: Object.fromEntries(bounds),
    },
    Next: start,
  }
  const states = Object.entries(nodes).flatMap(([name, node]) => statesOf(task, failures, name, node))
  return {
    Comment: comment,
    StartAt: 'Prepare',
    TimeoutSeconds: timeoutSeconds,
    States: { Prepare: prepare, ...Object.fromEntries(states) },
  }
}

function statesOf(
  task: TaskFunction,
  failures: ReadonlySet<string>,
  name: string,
  node: Node<never, never, never>,
): readonly (readonly [string, State])[] {
  if (isStep(node)) return [[name, call(task, name, node, failures.has(name))]]
  if ('end' in node) return [[name, endOf(node)]]
  if ('most' in node) return bound(name, node)
  if ('waitSeconds' in node) return [[name, { Type: 'Wait', Seconds: node.waitSeconds, Next: node.next }]]
  if ('outcomes' in node) {
    const Choices = Object.entries(node.outcomes).map(([outcome, Next]) => {
      return { Variable: '$.at.value.outcome', StringEquals: outcome, Next }
    })
    return [[name, { Type: 'Choice', Choices, Default: node.otherwise }]]
  }
  const Variable = `$.input.${node.given}`
  const present = { Variable, IsPresent: true }
  const Choices = [
    { And: [present, { Variable, IsBoolean: true }, { Variable, BooleanEquals: false }], Next: node.no },
    { ...present, Next: node.yes },
  ]
  return [[name, { Type: 'Choice', Choices, Default: node.no }]]
}

/** A bounded call of the function: tried again where that can help, and never left hanging. */
function call({ arn, partition }: TaskFunction, name: string, step: Step<never, never, never>, after: boolean): State {
  return {
    Type: 'Task',
    Comment: step.does,
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: {
      FunctionName: arn,
      Payload: {
        step: name,
        // No two executions share a name; the same execution calls a step again under it.
        'owner.$': '$$.Execution.Name',
        'input.$': '$.input',
        'state.$': '$.at.value.state',
        ...(after && { 'error.$': '$.error' }),
      },
    },
    ResultSelector: { 'value.$': '$.Payload' },
    ResultPath: '$.at',
    TimeoutSeconds: step.seconds,
    Retry: step.once ? UNBEGUN : RETRY,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: after ? '$.failed' : '$.error', Next: step.failed }],
    Next: step.next,
  }
}

/** What Lambda itself throws when it is busy or has a bad moment. */
const BUSY = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
]

/** Every step may be called again without harm: a store that did not answer, a run that died, are worth another try. */
const RETRY = [
  { ErrorEquals: [...FINAL], MaxAttempts: 0 },
  { ErrorEquals: BUSY, IntervalSeconds: 1, MaxAttempts: 5, BackoffRate: 2, JitterStrategy: 'FULL' },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 },
]

/** Lambda did not start the function: the only failure after which a step that may run once is called again. */
const UNBEGUN = [
  {
    ErrorEquals: ['Lambda.TooManyRequestsException'],
    IntervalSeconds: 1,
    MaxAttempts: 5,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
]

function bound(name: string, { most, enough, again, after }: Bound): readonly (readonly [string, State])[] {
  const counter = `$.counts.${keyOf(name)}`
  return [
    [
      name,
      { Type: 'Pass', Parameters: { 'n.$': `States.MathAdd(${counter}.n, 1)` }, ResultPath: counter, Next: enough },
    ],
    [
      enough,
      {
        Type: 'Choice',
        Choices: [{ Variable: `${counter}.n`, NumericGreaterThanEquals: most, Next: after }],
        Default: again,
      },
    ],
  ]
}

function endOf(node: End): State {
  if (node.end === 'succeeded') return { Type: 'Succeed', Comment: node.comment }
  const { error, why, comment } = node
  const because =
    typeof why === 'object' ? { Cause: why.text } : { CausePath: why === 'text' ? '$.at.value.text' : '$.error.Cause' }
  return { Type: 'Fail', ...(comment !== undefined && { Comment: comment }), Error: error, ...because }
}

/** A name that JSONPath takes without quotes. */
const keyOf = (name: string) => name.replaceAll(/\W+/g, '_').toLowerCase()
