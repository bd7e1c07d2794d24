import { Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import { chainMetric, MINUTE } from '../metrics.ts'
import { type AlarmText, type ChainAlarm, type ChainPace, describeAlarm, type Severity } from './alarm.ts'

const comparisons = {
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
} as const

export type AlarmTopicsProps = {
  /** The address that receives every alarm of every severity. Default: none; subscribe to the topics yourself. */
  readonly email?: string | undefined
  /** The URL of the published docs/runbooks.md. */
  readonly runbook: string
  /**
   * False for emulators, whose alarms support no expressions: alarms on silence then fire minutes later. Default: true.
   */
  readonly metricMath?: boolean | undefined
}

/** One topic per severity: page on-call from the first, file a ticket from the second, read the third. */
export class AlarmTopics extends Construct {
  readonly topics: Readonly<Record<Severity, Topic>>
  readonly runbook: string
  readonly metricMath: boolean

  constructor(scope: Construct, id: string, { email, runbook, metricMath = true }: AlarmTopicsProps) {
    super(scope, id)
    this.runbook = runbook
    this.metricMath = metricMath
    const ofThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', ofThisAccount)
    const topic = (severity: string) => {
      const created = new Topic(this, severity, { displayName: `Baton ${severity}`, enforceSSL: true })
      created.grantPublish(cloudWatch)
      if (email !== undefined) created.addSubscription(new EmailSubscription(email))
      return created
    }
    this.topics = { page: topic('Page'), ticket: topic('Ticket'), note: topic('Note') }
  }

  /** Creates an alarm that notifies the topic of its severity when it fires and, except for a note, when it clears. */
  raise(
    scope: Construct,
    text: AlarmText,
    on: { metric: IMetric; threshold: number; rule?: Partial<AlarmRule> },
  ): Alarm {
    const { compare = '>=', minutes: [breaching, of] = [1, 1], silence } = on.rule ?? {}
    const alarm = new Alarm(scope, text.id, {
      metric: on.metric,
      threshold: on.threshold,
      comparisonOperator: comparisons[compare],
      datapointsToAlarm: breaching,
      evaluationPeriods: of,
      treatMissingData: missing(silence),
      alarmDescription: describeAlarm(text, this.runbook),
    })
    const action = new SnsAction(this.topics[text.severity])
    alarm.addAlarmAction(action)
    if (text.severity !== 'note') alarm.addOkAction(action)
    return alarm
  }
}

/** The rule by which an alarm fires. */
type AlarmRule = Required<Pick<ChainAlarm, 'compare' | 'minutes'>> & Pick<ChainAlarm, 'silence'>

function missing(silence: ChainAlarm['silence']): TreatMissingData {
  if (silence === 'breaching') return TreatMissingData.BREACHING
  return silence === 'fine' ? TreatMissingData.NOT_BREACHING : TreatMissingData.MISSING
}

/** All alarms of one chain. */
export function raiseChainAlarms(
  scope: Construct,
  {
    chain,
    pace,
    topics,
    alarms,
  }: { chain: string; pace: ChainPace; topics: AlarmTopics; alarms: readonly ChainAlarm[] },
): Alarm[] {
  return alarms.map((alarm) =>
    topics.raise(scope, alarm, {
      metric: metricOf(chain, alarm, topics.metricMath),
      threshold: alarm.threshold(pace),
      rule: alarm,
    }),
  )
}

function metricOf(chain: string, { metric, reason, statistic, silence }: ChainAlarm, metricMath: boolean): IMetric {
  const values = chainMetric(chain, metric, { statistic, period: MINUTE, ...(reason !== undefined && { reason }) })
  if (silence !== 'breaching' || !metricMath) return values
  // On missing data alone, a metric alarm fires only when its whole evaluation range is empty, which is longer than its
  // periods: five minutes for three.
  return new MathExpression({ expression: 'FILL(values, 0)', usingMetrics: { values }, period: MINUTE, label: metric })
}
