import type { Duration } from 'aws-cdk-lib'
import type { RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { GateAccess } from './gate/api.ts'
import type { NetworkProps } from './network.ts'
import type { GlobalHeads } from './store.ts'

/** How one Baton is deployed. Everything has a default; with all of them it serves hosts that run `baton gate` themselves. */
export type BatonProps = {
  /**
   * Before the names of the SSM parameters, with a slash first and none last. Two Batons of one
   * account and region need two. Default: `/baton`.
   */
  readonly parameters?: string
  /**
   * Before the names of the SSM Automation documents, of letters, digits and `-`. Default: `Baton`.
   */
  readonly documentPrefix?: string
  /**
   * The VPC in which the nodes can be reached: monitor, switchover and page are attached to it, the
   * gate is not. Default: none; then the URLs of the nodes must be reachable from outside of any VPC.
   */
  readonly network?: NetworkProps
  /**
   * How op-nodes reach the gate. Default: not at all; each host runs `baton gate` beside its
   * op-node, with the rights of {@link Baton.sidecarPolicy}.
   */
  readonly gate?: GateAccess
  /**
   * MB of memory of the monitor; its CPU follows it, and it is the largest fixed cost
   * (see docs/cost.md). Default: 256, from the third chain on 64 more for each, and never more than
   * 1769, where Lambda gives a whole CPU: the monitor uses no second one (see docs/scale.md).
   */
  readonly monitorMemory?: number
  /**
   * Keeps Heads in several regions, strongly consistent. A commit then waits for a second region:
   * measure that before you rely on blocks shorter than two seconds. Default: one region.
   */
  readonly globalHeads?: GlobalHeads
  /** How long committed payloads stay in the bucket. Default: 90 days. */
  readonly archiveRetention?: Duration
  /** How long log lines are kept. The log groups outlive the stack. Default: one month. */
  readonly logRetention?: RetentionDays
  /**
   * X-Ray traces of gate, archiver and monitor too; what operators start is always traced. X-Ray
   * takes one request per second and function: about $6 a month for a gate with a 2 s chain.
   * Default: false.
   */
  readonly tracing?: boolean
  /** An address that gets every alarm. Default: none; subscribe to {@link Baton.alarmTopics}. */
  readonly alarmEmail?: string
  /** Where you publish docs/runbooks.md: alarms link to its sections. Default: the repository of Baton. */
  readonly runbook?: string
  /**
   * ARNs of IAM users or roles: one of them must agree before a dangerous workflow starts in the
   * console. Default: none; who may start it is IAM's business alone.
   */
  readonly approvers?: readonly string[]
  /**
   * Puts the workflows into the console of Systems Manager. Default: true; false for emulators
   * that know no `AWS::SSM::Document`.
   */
  readonly documents?: boolean
  /**
   * Alarms on silence use expressions and go off within two minutes. Default: true; false for emulators whose alarms
   * know only metrics.
   */
  readonly metricMath?: boolean
}
