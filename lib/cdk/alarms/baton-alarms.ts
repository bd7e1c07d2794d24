import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { awsMetric } from '../metrics.ts'
import type { AlarmText } from './alarm.ts'
import type { AlarmTopics } from './alarm-topics.ts'

/** The alarms of one Baton, independent of its chains. Each has a section of its id in docs/runbooks.md. */
export const batonAlarms = {
  monitorDeadLetters: {
    id: 'monitor-dead-letters',
    severity: 'ticket',
    meaning: 'A start of the monitor was dropped or failed. The next one came a minute later.',
    firstAction: 'Read the message: it holds the error. Then purge the queue.',
  },
  archiverDeadLetters: {
    id: 'archiver-dead-letters',
    severity: 'ticket',
    meaning: 'The archiver gave up on a record: a committed payload may be missing in the archive.',
    firstAction:
      'Read the message for shard and sequence number, and archive the block before that record expires (24 hours).',
  },
  archiverStalled: {
    id: 'archiver-stalled',
    severity: 'ticket',
    meaning:
      'The stream of committed blocks is not read: its records expire after 24 hours, and the archive then has a gap.',
    firstAction: 'Check the errors of the archiver function, then its event source mapping.',
  },
  gateThrottled: {
    id: 'gate-throttled',
    severity: 'page',
    meaning: 'Lambda refused to run the gate: nodes get errors instead of answers.',
    firstAction: 'Compare its concurrent runs with the reserved number and with the limit of the account.',
  },
  monitorFails: {
    id: 'monitor-fails',
    severity: 'ticket',
    meaning: 'Runs of the monitor end with an error or by time-out.',
    firstAction: 'Read the end of its log: a time-out leaves no error of its own.',
  },
  workflowFailed: {
    id: 'workflow-failed',
    severity: 'ticket',
    meaning: 'A workflow did not reach its goal, or did not reach it in time.',
    firstAction:
      'Open the execution: the red state carries the reason. If it timed out, its last state is what it waited for.',
  },
} as const satisfies Record<string, AlarmText>

/** The resources that these alarms watch. */
export type Watched = {
  readonly gate: { readonly function: IFunction } | undefined
  /** Absent where it runs on hosts. */
  readonly monitor: { readonly function: IFunction; readonly deadLetters: IQueue } | undefined
  readonly archiver: { readonly function: IFunction; readonly deadLetters: IQueue }
}

/** A stream record that waits longer than this counts as unread. */
const STALLED_MS = 300_000

/** Raises the alarms of one Baton. */
export function raiseBatonAlarms(topics: AlarmTopics, { gate, monitor, archiver }: Watched): Alarm[] {
  const rule = { silence: 'fine' } as const
  const raise = (text: AlarmText, metric: IMetric, threshold = 1) =>
    topics.raise(topics, text, { metric, threshold, rule })
  const { monitorDeadLetters, archiverDeadLetters, gateThrottled, monitorFails, archiverStalled } = batonAlarms
  return [
    ...(monitor ? [raise(monitorDeadLetters, waiting(monitor.deadLetters))] : []),
    raise(archiverDeadLetters, waiting(archiver.deadLetters)),
    raise(archiverStalled, ofFunction(archiver.function, 'IteratorAge', 'Maximum'), STALLED_MS),
    ...(gate ? [raise(gateThrottled, ofFunction(gate.function, 'Throttles'))] : []),
    ...(monitor ? [raise(monitorFails, ofFunction(monitor.function, 'Errors'))] : []),
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
