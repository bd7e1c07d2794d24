import type { Definition, State } from './definition.ts'
import { FINAL } from './final-errors.ts'
import { type Bound, type End, failureSteps, type Graph, isStep, type Node, type Step } from './operation.ts'

/** The function that carries out an operation's steps, and its AWS partition. */
export type TaskFunction = { readonly arn: string; readonly partition: string }

/**
 * The state machine of an operation: one visible state a step, under the same name. `$.input` is the operation's input,
 * `$.at.value` the last step's result, `$.error` the last failed step's error.
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

/** A bounded call of the function: retried where that can help, and never left hanging. */
function call({ arn, partition }: TaskFunction, name: string, step: Step<never, never, never>, after: boolean): State {
  return {
    Type: 'Task',
    Comment: step.does,
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: {
      FunctionName: arn,
      Payload: {
        step: name,
        // Execution names are unique; repeated calls of a step in one execution share it.
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

/** Lambda's own transient errors. */
const BUSY = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
]

/**
 * Lambda puts a function to sleep after weeks without a call. The call that wakes it fails, and so does every other
 * until its network is back, which takes up to a minute or two: six more calls within three and a half minutes.
 */
const ASLEEP = ['Lambda.ResourceNotReadyException', 'Lambda.ResourceConflictException']
const WAKE = { ErrorEquals: ASLEEP, IntervalSeconds: 10, MaxAttempts: 6, BackoffRate: 1.5 }

/** Every step is idempotent: a silent store or a run that died is worth a retry. */
const RETRY = [
  { ErrorEquals: [...FINAL], MaxAttempts: 0 },
  WAKE,
  { ErrorEquals: BUSY, IntervalSeconds: 1, MaxAttempts: 5, BackoffRate: 2, JitterStrategy: 'FULL' },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 },
]

/** Lambda did not start the function: the only failures after which a `once` step is retried. */
const UNBEGUN = [
  WAKE,
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

/** A name that JSONPath accepts unquoted. */
const keyOf = (name: string) => name.replaceAll(/\W+/g, '_').toLowerCase()
