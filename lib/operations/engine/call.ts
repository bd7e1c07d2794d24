import type { State } from './definition.ts'

/** The function that does a workflow's work, and the AWS partition it is in. */
export type TaskFunction = { readonly arn: string; readonly partition: string }

/** One call of a workflow's function. */
export type Call = {
  readonly task: TaskFunction
  /** JSONPath of the payload. */
  readonly payload: string
  readonly resultPath: string
  /** The state after it. */
  readonly next: string
  /** The state to go to when all tries failed; it finds the error at `$.error`. */
  readonly onError: string
  /** How long one try may take. */
  readonly seconds: number
  /** What a try that was not answered has done is not known, and must not be done twice: only one that never began is tried again. */
  readonly once?: boolean
}

/** What Lambda itself throws when it is busy or has a bad moment. */
const BUSY = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
]

/** Answers, not accidents: the same call would be answered the same. */
const FINAL = [
  'RefusedActError',
  'UnfinishedActError',
  'TermChangedError',
  'NotVerifiedError',
  'InvalidInputError',
  'UnknownChainError',
  'ConfigurationError',
  'RangeUnavailableError',
  'NotAnAncestorError',
  'NoStateFoundError',
  'PayloadRefusedError',
  'EngineLiedError',
  'RecoveryFailedError',
  'StepWithoutEffectError',
  'TooDangerousError',
  'UpgradeStopped',
  'ResequenceRefused',
  'StepFailed',
]

/**
 * Everything else is worth another try, since every step may be called again without harm: a store
 * that did not answer, a run that died or took too long, whatever name Lambda gives that.
 */
const retry = [
  { ErrorEquals: FINAL, MaxAttempts: 0 },
  { ErrorEquals: BUSY, IntervalSeconds: 1, MaxAttempts: 5, BackoffRate: 2, JitterStrategy: 'FULL' },
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 },
] as const

/** Lambda did not start the function. */
const retryUnbegun = [
  {
    ErrorEquals: ['Lambda.TooManyRequestsException'],
    IntervalSeconds: 1,
    MaxAttempts: 5,
    BackoffRate: 2,
    JitterStrategy: 'FULL',
  },
] as const

/** A bounded call of a function: tried again where that can help, and never left hanging. */
export function call({ task, payload, resultPath, next, onError, seconds, once = false }: Call): State {
  return {
    Type: 'Task',
    Resource: `arn:${task.partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: task.arn, 'Payload.$': payload },
    ResultSelector: { 'value.$': '$.Payload' },
    ResultPath: resultPath,
    TimeoutSeconds: seconds,
    Retry: once ? retryUnbegun : retry,
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: onError }],
    Next: next,
  }
}
