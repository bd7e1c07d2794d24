import type { Duration } from 'aws-cdk-lib'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { AlarmTargets } from './alarms/alarm-topics.ts'
import type { GateAccess } from './gate/api.ts'
import type { NetworkProps } from './network.ts'
import type { ExistingStore, GlobalHeads } from './store.ts'

/** The properties of one Baton. Everything has a default; the defaults serve hosts that run `baton gate` themselves. */
export type BatonProps = {
  /**
   * The name of this Baton: letters, digits and `-`. It is in the names of alarms, topics and dashboard
   * (`baton-prod-901-no-new-block`). Two Batons in one account need different ones. Default: `baton`.
   */
  readonly name?: string
  /**
   * Prefix of the SSM parameters' names, with a leading and no trailing slash. Two Batons in one account and region
   * need different ones. Default: `/baton`.
   */
  readonly parameters?: string
  /** Prefix of the SSM Automation documents' names: letters, digits and `-`. Default: `Baton`. */
  readonly documentPrefix?: string
  /**
   * The VPC that reaches the nodes. Monitor, switchover and page are attached to it, the gate is not. Default: none;
   * then the nodes' URLs must be reachable from outside any VPC.
   */
  readonly network?: NetworkProps
  /**
   * How op-nodes reach the gate. Default: no deployed gate; each host runs `baton gate` beside its op-node, with the
   * rights of {@link Baton.sidecarPolicy}.
   */
  readonly gate?: GateAccess
  /**
   * Whether a deploy gives a new version of the gate a tenth of the calls for five minutes, and takes it back if it
   * fails. Default: true. False replaces it at once: to repair a gate whose alarms are on, and for emulators.
   */
  readonly canary?: boolean
  /**
   * Whether a deploy waits for the first runs of the monitor before it makes the alarm that pages on its silence: two and
   * a half minutes at the first deploy, and when the list of chains changes. Default: true; false for emulators.
   */
  readonly settle?: boolean
  /**
   * Where the monitor runs. `hosts`: as `baton monitor` on hosts of yours with the rights of
   * {@link Baton.monitorPolicy}, only where they run `baton gate` too; then there is no function, and no schedule.
   * Default: `lambda`.
   */
  readonly monitor?: 'lambda' | 'hosts'
  /**
   * Memory of the monitor in MB. CPU scales with it, and it is the largest fixed cost (see docs/cost.md). Default: 256,
   * plus 64 for each chain from the third on, at most 1769, where Lambda gives a whole CPU: the monitor uses no second
   * one (see docs/scale.md).
   */
  readonly monitorMemory?: number
  /**
   * Keeps Heads in several regions, strongly consistent: a durable copy, at the first deploy only. Gate, monitor, leases
   * and history stay in one region, and nothing fails over. A commit then waits for a second region:
   * measure that before you rely on blocks shorter than two seconds. Default: one region.
   */
  readonly globalHeads?: GlobalHeads
  /**
   * Tables and a bucket that exist, to come back to them or to move them into another app. Default: new ones, which
   * outlive the stack.
   */
  readonly store?: ExistingStore
  /** Retention of committed payloads in the bucket. Default: 90 days. */
  readonly archiveRetention?: Duration
  /** Retention of log lines. The log groups outlive the stack. Default: one month. */
  readonly logRetention?: RetentionDays
  /**
   * Traces gate, archiver and monitor with X-Ray; operator-started functions are always traced. X-Ray takes one request
   * per second and function: about $6 a month for a gate with a 2 s chain. Default: false.
   */
  readonly tracing?: boolean
  /** Who receives the alarms of each severity. Default: none; subscribe to {@link Baton.alarmTopics}. */
  readonly alarmTargets?: AlarmTargets
  /**
   * The URL of your published docs/runbooks.md: alarms link to its sections. Default: the document
   * `<documentPrefix>-Runbooks` in the Systems Manager console, which has them all.
   */
  readonly runbook?: string
  /**
   * ARNs of IAM users or roles; one of them must approve before a dangerous workflow starts. Holders
   * of {@link Baton.grantOperate} cannot start it without that. Default: none; IAM alone decides who may start it.
   */
  readonly approvers?: readonly string[]
  /**
   * Creates the CloudWatch dashboard: the page of each chain with its buttons, alarms and graphs. Three are free in an
   * account, each further one costs $3 a month. Default: true.
   */
  readonly dashboard?: boolean
  /**
   * Adds the workflows to the Systems Manager console. Default: true; false for emulators without `AWS::SSM::Document`.
   */
  readonly documents?: boolean
  /**
   * Alarms on silence use expressions and fire within two minutes. Default: true; false for emulators whose alarms
   * support only metrics.
   */
  readonly metricMath?: boolean
}
