import { type CfnResource, Duration } from 'aws-cdk-lib'
import { type EventPattern, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { EventBridgeDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { BatonFunction, deadLetters, type FunctionDefaults, type FunctionNetwork } from './function.ts'
import { type ChainKeys, monitoring } from './permissions.ts'
import type { BatonStore } from './store.ts'

export type MonitorProps = FunctionDefaults & {
  readonly store: BatonStore
  readonly chains: ChainKeys
  /** The right to read the configuration of every chain. */
  readonly readConfig: PolicyStatement
  /** The URL of the gate, probed when in doubt. Absent = the gate runs beside the nodes. */
  readonly gateUrl?: string | undefined
  /** The network that reaches the nodes. */
  readonly network?: FunctionNetwork | undefined
  /** MB; CPU scales with it. */
  readonly memorySize: number
}

/** The `source` in the event of a scheduled run. */
const SCHEDULED = 'baton.schedule'

/** At this size Lambda gives a whole CPU; the monitor is one thread and cannot use more. */
const WHOLE_CPU_MB = 1_769

/**
 * Memory in MB for so many chains; CPU scales with it. The process needs 110 to 140 of them. With one chain it took 20
 * ms of CPU a second (bench:cost), with a hundred 2 to 3 ms for each (docs/scale.md); 64 MB are worth 36 ms. So a
 * failover finds spare CPU with few chains, too.
 */
export function monitorMemory(chains: number): number {
  return Math.min(WHOLE_CPU_MB, Math.max(256, 128 + 64 * chains))
}

/**
 * The loop that observes, decides and acts: starts each minute and runs until its successor is warm, some 69 s, or for
 * 140 s without one. A second one all the time would cost as much as the first (see docs/cost.md).
 *
 * A throttled or failed start is not retried; it is dropped after a minute, when the next one is due. A run that dies
 * is an event, and that starts one run in its place: never more than one for each scheduled start. Concurrency is four:
 * at most three that overlap, and the one in place of another.
 */
export class Monitor extends Construct {
  readonly function: BatonFunction
  readonly deadLetters: Queue
  /** What starts it. */
  readonly schedule: CfnResource

  constructor(scope: Construct, id: string, props: MonitorProps) {
    super(scope, id)
    const { store, chains, readConfig, network, memorySize, gateUrl, environment, ...defaults } = props
    this.deadLetters = deadLetters(this)
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      network,
      memorySize,
      environment: { ...environment, ...(gateUrl !== undefined && { BATON_GATE_URL: gateUrl }) },
      handler: 'monitor',
      description: 'Baton: observes the nodes, decides who sequences, and acts',
      timeout: Duration.seconds(170),
      reservedConcurrency: 4,
    })
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
      onFailure: new EventBridgeDestination(),
    })
    this.#onFailure()
    this.function.allow(...monitoring(store, chains), readConfig)
    const schedule = new Schedule(this, 'EveryMinute', {
      description: 'Baton: starts the monitor',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(this.function, {
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
        deadLetterQueue: this.deadLetters,
        input: ScheduleTargetInput.fromObject({ source: SCHEDULED }),
      }),
    })
    this.schedule = schedule.node.defaultChild as CfnResource
  }

  /** Keeps each failed run as a dead letter, and starts a run in place of a scheduled one. */
  #onFailure(): void {
    // Lambda reports only failures: it has no destination for successes.
    const ofMonitor = { source: ['lambda'], resources: Match.prefix(this.function.functionArn) }
    const rule = (id: string, description: string, eventPattern: EventPattern) =>
      new Rule(this, id, { description, eventPattern })
    rule('Failures', 'Baton: keeps failed runs of the monitor', ofMonitor).addTarget(new SqsQueue(this.deadLetters))
    rule('Restart', 'Baton: starts the monitor again when a run has failed', {
      ...ofMonitor,
      detail: { requestPayload: { source: [SCHEDULED] } },
    }).addTarget(
      new LambdaFunction(this.function, {
        event: RuleTargetInput.fromObject({ source: 'baton.restart' }),
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
      }),
    )
  }
}
