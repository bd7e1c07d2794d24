import { Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { type ITopic, type ITopicSubscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import { chainMetric, MINUTE } from '../metrics.ts'
import {
  type AlarmLinks,
  type AlarmText,
  type ChainAlarm,
  type ChainPace,
  describeAlarm,
  type Severity,
} from './alarm.ts'

const comparisons = {
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
} as const

/**
 * Who receives the alarms of a severity: e-mail addresses, HTTPS URLs, and ARNs of SNS topics of this region that let
 * CloudWatch publish.
 */
export type AlarmTargets = Readonly<Partial<Record<Severity, readonly string[]>>>

/** How many topics of yours an alarm can notify: CloudWatch takes five actions, and one is Baton's own topic. */
export const MOST_TOPICS = 4

export type AlarmTopicsProps = {
  /** The name of the Baton: `prod` makes topics and alarms `baton-prod-…`, on the metrics of that Baton. */
  readonly baton: string
  /** Default: none; subscribe to the topics yourself. */
  readonly targets?: AlarmTargets | undefined
  readonly links: AlarmLinks
  /**
   * False for emulators, whose alarms support no expressions: alarms on silence then fire minutes later. Default: true.
   */
  readonly metricMath?: boolean | undefined
}

/** One topic per severity: page on-call from the first, file a ticket from the second, read the third. */
export class AlarmTopics extends Construct {
  readonly topics: Readonly<Record<Severity, Topic>>
  /** The topics that each alarm of a severity notifies: Baton's own, and the given ones. */
  readonly notified: Readonly<Record<Severity, readonly ITopic[]>>
  readonly metricMath: boolean
  readonly baton: string
  readonly #links: AlarmLinks

  constructor(scope: Construct, id: string, { baton, targets = {}, links, metricMath = true }: AlarmTopicsProps) {
    super(scope, id)
    this.baton = baton
    this.#links = links
    this.metricMath = metricMath
    const ofThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', ofThisAccount)
    const topic = (id: string, severity: Severity) => {
      const topicName = `baton-${baton}-${severity}`
      const created = new Topic(this, id, { topicName, displayName: `Baton ${severity}`, enforceSSL: true })
      created.grantPublish(cloudWatch)
      for (const target of subscribers(targets[severity])) created.addSubscription(target)
      return created
    }
    this.topics = { page: topic('Page', 'page'), ticket: topic('Ticket', 'ticket'), note: topic('Note', 'note') }
    const given = (severity: Severity) =>
      topicsOf(targets[severity]).map((arn, i) => Topic.fromTopicArn(this, `${severity}${i}`, arn))
    const { page, ticket, note } = this.topics
    this.notified = {
      page: [page, ...given('page')],
      ticket: [ticket, ...given('ticket')],
      note: [note, ...given('note')],
    }
  }

  /** The name of an alarm: `baton-prod-901-no-new-block`, or without a subject `baton-prod-monitor-fails`. */
  nameOf(id: string, subject?: string): string {
    return ['baton', this.baton, subject, id].filter((part) => part !== undefined).join('-')
  }

  /** What an alarm says: its meaning, the first action, and where to go on. */
  describe(text: AlarmText): string {
    return describeAlarm(text, this.#links)
  }

  /** Creates an alarm that notifies the topic of its severity when it fires and, except for a note, when it clears. */
  raise(
    scope: Construct,
    text: AlarmText,
    on: { metric: IMetric; threshold: number; rule?: Partial<AlarmRule>; subject?: string },
  ): Alarm {
    const { compare = '>=', minutes: [breaching, of] = [1, 1], silence } = on.rule ?? {}
    const alarm = new Alarm(scope, text.id, {
      alarmName: this.nameOf(text.id, on.subject),
      metric: on.metric,
      threshold: on.threshold,
      comparisonOperator: comparisons[compare],
      datapointsToAlarm: breaching,
      evaluationPeriods: of,
      treatMissingData: missing(silence),
      alarmDescription: this.describe(text),
    })
    const actions = this.notified[text.severity].map((topic) => new SnsAction(topic))
    alarm.addAlarmAction(...actions)
    if (text.severity !== 'note') alarm.addOkAction(...actions)
    return alarm
  }
}

const isTopic = (target: string) => target.startsWith('arn:')

const topicsOf = (targets: readonly string[] = []) => [...new Set(targets.filter(isTopic))]

function subscribers(targets: readonly string[] = []): ITopicSubscription[] {
  const addresses = new Set(targets.filter((target) => !isTopic(target)))
  return [...addresses].map((address) =>
    address.startsWith('https:')
      ? new UrlSubscription(address, { protocol: SubscriptionProtocol.HTTPS })
      : new EmailSubscription(address),
  )
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
      metric: metricOf(topics, chain, alarm),
      threshold: alarm.threshold(pace),
      rule: alarm,
      subject: chain,
    }),
  )
}

function metricOf(
  { baton, metricMath }: AlarmTopics,
  chain: string,
  { metric, reason, statistic, silence }: ChainAlarm,
): IMetric {
  const options = { statistic, period: MINUTE, ...(reason !== undefined && { reason }) }
  const values = chainMetric({ baton, chain }, metric, options)
  if (silence !== 'breaching' || !metricMath) return values
  // On missing data alone, a metric alarm fires only when its whole evaluation range is empty, which is longer than its
  // periods: five minutes for three.
  return new MathExpression({ expression: 'FILL(values, 0)', usingMetrics: { values }, period: MINUTE, label: metric })
}
