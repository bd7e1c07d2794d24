import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Told } from './alarm.ts'
import { batonAlarms } from './baton-alarms.ts'
import { type AlarmTopics, awsMetric } from './construct.ts'

/** What is watched whatever chains there are. */
export type Watched = {
  readonly gate: { readonly function: IFunction } | undefined
  readonly monitor: { readonly function: IFunction; readonly deadLetters: IQueue }
  readonly archiver: { readonly deadLetters: IQueue }
  readonly workflows: readonly { readonly stateMachine: StateMachine }[]
}

/** The alarms of one Baton. */
export function raiseBatonAlarms(topics: AlarmTopics, { gate, monitor, archiver, workflows }: Watched): Alarm[] {
  const rule = { silence: 'fine' } as const
  const raise = (told: Told, metric: IMetric) => topics.raise(topics, told, { metric, threshold: 1, rule })
  const { monitorDeadLetters, archiverDeadLetters, gateThrottled, monitorFails, workflowFailed } = batonAlarms
  return [
    raise(monitorDeadLetters, waiting(monitor.deadLetters)),
    raise(archiverDeadLetters, waiting(archiver.deadLetters)),
    ...(gate ? [raise(gateThrottled, ofFunction(gate.function, 'Throttles'))] : []),
    raise(monitorFails, ofFunction(monitor.function, 'Errors')),
    ...workflows.map(({ stateMachine }) => raise(workflowFailed, stateMachine.metricFailed())),
  ]
}

function waiting({ queueName }: IQueue): IMetric {
  return awsMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName }).with({
    statistic: 'Maximum',
  })
}

function ofFunction({ functionName }: IFunction, metric: 'Errors' | 'Throttles'): IMetric {
  return awsMetric('AWS/Lambda', metric, { FunctionName: functionName })
}
