import { Annotations, type CfnResource, Duration, Validations } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets'
import type { StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { MetricName } from '../cloudwatch/metrics.ts'
import { parameterNames } from '../config/parameter-names.ts'
import { onHosts } from './alarms/alarm.ts'
import { raiseChainAlarms } from './alarms/alarm-topics.ts'
import { chainAlarms } from './alarms/chain-alarms.ts'
import type { Baton } from './baton.ts'
import { type ChainSettings, checkChainSettings, machinesOf, renderChainSettings } from './chain-settings.ts'
import { type ChainMetricOptions, chainMetric } from './metrics.ts'
import { storeText } from './parameters.ts'

/** The fields of a chain whose URL has a password: synthesis repeats no part of the URL. */
function urlsWithPassword({ nodes, l1 }: ChainSettings): string[] {
  const urls = nodes.flatMap(({ name, consensus, execution, engine }) => [
    [`consensus of ${name}`, consensus] as const,
    [`execution of ${name}`, execution] as const,
    [`engine of ${name}`, engine?.url] as const,
  ])
  const all = [...urls, ['l1.rpc', l1?.rpc] as const]
  return all.flatMap(([field, url]) => (typeof url === 'string' && new URL(url).password !== '' ? [field] : []))
}

const ONE_NODE =
  'the chain has one node, and no other could take over: a failure of it halts the chain. The alarm no-eligible-standby is left out, for it would page until there is a second node'

const passwordInUrl = (fields: readonly string[]) =>
  `the URL has a password (${fields.join(', ')}): anyone who may read the template, the functions' variables or the chain's parameter sees it. Let the security groups protect the RPC ports, and leave passwords out`

export type BatonChainProps = {
  /** The Baton that serves the chain. */
  readonly baton: Baton
  /**
   * The chain, its nodes and its policy: the fields of a `baton` configuration file without `secrets`, `store`, `gate`
   * and `page`. Validated at synthesis; each function has it from a deploy on, the gate within a minute.
   */
  readonly settings: ChainSettings
  /** Ids of alarms to omit, such as `l1-stale`. Default: none. */
  readonly withoutAlarms?: readonly string[]
}

const READ_FROM_SSM =
  'The configurations do not fit the variables of a function: the functions in the VPC read them from Systems Manager, and need a route to it.'

/** One chain of a {@link Baton}: its configuration, alarms, and rows on the dashboard. */
export class BatonChain extends Construct {
  /** The chain id as text: the key of all its records. */
  readonly chain: string
  readonly nodes: readonly string[]
  readonly config: StringParameter
  readonly alarms: readonly Alarm[]
  readonly #baton: Baton

  constructor(scope: Construct, id: string, { baton, settings, withoutAlarms = [] }: BatonChainProps) {
    super(scope, id)
    const { chain, nodes, policy } = checkChainSettings(settings, `the chain ${id}`)
    this.chain = String(chain.id)
    this.nodes = nodes.map(({ name }) => name)
    this.#baton = baton
    baton.chains.add(this.chain, this.nodes)
    baton.store.expirePayloads(this.chain)
    const rendered = renderChainSettings(settings, {
      baton: baton.name,
      documents: baton.documentPrefix,
      jwt: parameterNames(baton.parameters, this.chain).jwt,
    })
    if (!baton.configurations.add(this.chain, rendered)) Annotations.of(this).addInfo(READ_FROM_SSM)
    this.config = storeText(this, 'Config', {
      parameterName: parameterNames(baton.parameters, this.chain).config,
      description: `Baton: chain ${this.chain} (${chain.name})`,
      stringValue: rendered,
      what: `the configuration of chain ${this.chain}`,
      remedy: 'write shorter URLs and names, or fewer nodes',
    })
    const open = urlsWithPassword(settings)
    if (open.length > 0) Validations.of(this).addWarning('baton:passwordInUrl', passwordInUrl(open))
    for (const reader of baton.readers) reader.waitFor(this.config.node.defaultChild as CfnResource)
    const has = { l1: settings.l1 !== undefined, gate: baton.gate !== undefined, standby: nodes.length > 1 }
    if (!has.standby) Validations.of(this).addWarning('baton:oneNode', ONE_NODE)
    for (const machine of machinesOf(settings, baton.documentPrefix)) baton.hosts?.add(machine)
    this.alarms = raiseChainAlarms(this, {
      chain: this.chain,
      pace: policy,
      topics: baton.alarmTopics,
      alarms: chainAlarms
        .filter(wanted(withoutAlarms))
        .filter(({ needs }) => needs === undefined || has[needs])
        .map((alarm) => (baton.monitor ? alarm : onHosts(alarm))),
    })
    for (const alarm of this.alarms) {
      if (alarm.node.id === 'gate-errors') baton.gate?.canary?.watch(alarm)
      if (alarm.node.id !== 'monitor-not-ticking' || !baton.settled) continue
      ;(alarm.node.defaultChild as CfnResource).addResourceDependency(baton.settled.resource)
    }
    if (settings.recovery === 'auto') {
      new RecoveryOnAlarm(this, 'Recovery', {
        baton: baton.name,
        chain: this.chain,
        alarmName: baton.alarmTopics.nameOf('recovery-wanted', this.chain),
        recovery: baton.recovery.stateMachine,
      })
    }
    baton.dashboard?.addChain({ chain: this.chain, name: chain.name, alarms: this.alarms })
  }

  /** A metric of the chain. */
  metric(name: MetricName, options?: ChainMetricOptions): Metric {
    return chainMetric({ baton: this.#baton.name, chain: this.chain }, name, options)
  }

  /** Seconds since the newest committed block; the monitor reports it on each turn. */
  metricSecondsSinceCommit(options?: MetricOptions): Metric {
    return this.metric('SecondsSinceCommit', { statistic: 'Maximum', ...options })
  }

  /** How many nodes could take over now. */
  metricEligibleStandbys(options?: MetricOptions): Metric {
    return this.metric('EligibleStandbys', { statistic: 'Minimum', ...options })
  }

  /** How often Baton moved sequencing. */
  metricFailovers(options?: MetricOptions): Metric {
    return this.metric('Failovers', { statistic: 'Sum', ...options })
  }

  /** The `--conductor.rpc` of a node without its secret; absent when hosts run the gate themselves. */
  conductorUrl(node: string): string | undefined {
    return this.#baton.gate?.conductorUrl(this.chain, node)
  }

  /**
   * A shell command that creates a secret for every node without one. It keeps existing secrets: the gate would refuse
   * a node that still uses the old one. CloudFormation cannot write SecureStrings.
   */
  get secretsCommand(): string {
    const name = parameterNames(this.#baton.parameters, this.chain).secrets('$node')
    const put = `aws ssm put-parameter --type SecureString --name "${name}" --value "[\\"$(openssl rand -hex 24)\\"]"`
    return `for node in ${this.nodes.join(' ')}; do ${put}; done`
  }
}

/** @throws when a named alarm does not exist. */
function wanted(without: readonly string[]) {
  const known = chainAlarms.map(({ id }) => id)
  const stranger = without.find((id) => !known.includes(id))
  if (stranger !== undefined)
    throw new Error(`withoutAlarms: there is no alarm "${stranger}"; write one of ${known.join(', ')}`)
  return ({ id }: { readonly id: string }) => !without.includes(id)
}

export type RecoveryOnAlarmProps = {
  readonly baton: string
  readonly chain: string
  readonly alarmName: string
  readonly recovery: StateMachine
}

/**
 * Starts the recovery that a monitor requests: `"recovery": "auto"` on AWS. It uses an event instead of a call by the
 * monitor, so the monitor needs neither the right to start an execution nor a route to the API. Its alarm notifies no
 * topic; `crash-recovery` does. The metric counts only nodes that Baton may repair, so the alarm fires again for a
 * second node while a first unrecoverable one stays excluded, and when a pause ends.
 */
class RecoveryOnAlarm extends Construct {
  constructor(scope: Construct, id: string, { baton, chain, alarmName, recovery }: RecoveryOnAlarmProps) {
    super(scope, id)
    const alarm = new Alarm(this, 'Wanted', {
      alarmName,
      metric: chainMetric({ baton, chain }, 'RecoveryWanted', { statistic: 'Minimum', period: Duration.minutes(1) }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `Baton: starts the crash recovery of chain ${chain}. It notifies no one: the alarm crash-recovery does.`,
    })
    new Rule(this, 'Rule', {
      description: `Baton: recovers damaged nodes of chain ${chain}`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: [alarm.alarmArn],
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [
        new SfnStateMachine(recovery, { input: RuleTargetInput.fromObject({ chain, by: 'baton' }), retryAttempts: 3 }),
      ],
    })
  }
}
