import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Told } from './alarm.ts'
import { batonAlarms } from './baton-alarms.ts'
import { type AlarmTopics, awsMetric } from './construct.ts'

/** What is watched whatever chains there are. */
export type Watched = {
  readonly gate: { readonly function: IFunction } | undefined
  readonly monitor: { readonly function: IFunction; readonly deadLetters: IQueue }
  readonly archiver: { readonly function: IFunction; readonly deadLetters: IQueue }
  readonly operations: readonly (Construct & { readonly stateMachine: StateMachine })[]
}

/** A record of the stream that waited longer than this was not read. */
const STALLED_MS = 300_000

/** Has the section of the one that failed: to whoever reads it, it is the same event. */
const workflowTimedOut: Told = {
  ...batonAlarms.workflowFailed,
  meaning: 'A workflow that somebody started did not reach its goal in its time, and was ended.',
  firstAction: 'Open the execution: its last state is what it waited for.',
}

/** The alarms of one Baton. */
export function raiseBatonAlarms(topics: AlarmTopics, { gate, monitor, archiver, operations }: Watched): Alarm[] {
  const rule = { silence: 'fine' } as const
  const raise = (told: Told, metric: IMetric, threshold = 1) => topics.raise(topics, told, { metric, threshold, rule })
  const { monitorDeadLetters, archiverDeadLetters, gateThrottled, monitorFails, archiverStalled } = batonAlarms
  return [
    raise(monitorDeadLetters, waiting(monitor.deadLetters)),
    raise(archiverDeadLetters, waiting(archiver.deadLetters)),
    raise(archiverStalled, ofFunction(archiver.function, 'IteratorAge', 'Maximum'), STALLED_MS),
    ...(gate ? [raise(gateThrottled, ofFunction(gate.function, 'Throttles'))] : []),
    raise(monitorFails, ofFunction(monitor.function, 'Errors')),
    ...operations.flatMap((operation) => raiseOperationAlarms(topics, operation)),
  ]
}

/** The alarms of an execution that did not reach its goal: one that timed out is not counted among those that failed. */
export function raiseOperationAlarms(topics: AlarmTopics, operation: Watched['operations'][number]): Alarm[] {
  const raise = (scope: Construct, told: Told, metric: IMetric) =>
    topics.raise(scope, told, { metric, threshold: 1, rule: { silence: 'fine' } })
  return [
    raise(operation, batonAlarms.workflowFailed, operation.stateMachine.metricFailed()),
    raise(new Construct(operation, 'TimedOut'), workflowTimedOut, operation.stateMachine.metricTimedOut()),
  ]
}

function waiting({ queueName }: IQueue): IMetric {
  return awsMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName }).with({
    statistic: 'Maximum',
  })
}

function ofFunction(
  { functionName }: IFunction,
  metric: 'Errors' | 'Throttles' | 'IteratorAge',
  statistic = 'Sum',
): IMetric {
  return awsMetric('AWS/Lambda', metric, { FunctionName: functionName }).with({ statistic })
}
