import { Duration } from 'aws-cdk-lib'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { BatonFunction, deadLetters, type FunctionDefaults, type FunctionNetwork } from './function.ts'
import { type ChainKeys, permissions } from './permissions.ts'
import type { BatonStore } from './store.ts'

export type MonitorProps = FunctionDefaults & {
  readonly store: BatonStore
  readonly chains: ChainKeys
  /** Reads the configuration of every chain. */
  readonly readConfig: PolicyStatement
  /** Where the gate answers: asked while there is doubt. Absent = it runs beside the nodes. */
  readonly gateUrl?: string | undefined
  /** Where the nodes can be reached. */
  readonly network?: FunctionNetwork | undefined
  /** MB; CPU follows it. */
  readonly memorySize: number
}

/** Here Lambda gives a whole CPU; the monitor is one thread, and more would do nothing. */
const WHOLE_CPU_MB = 1_769

/**
 * MB for so many chains; CPU follows it. The process needs 110 to 140 of them. With one chain it took 20 ms of CPU a
 * second (bench:cost), with a hundred 2 to 3 ms for each (docs/scale.md); 64 MB are worth 36 ms: of few chains, too,
 * a failover finds some free.
 */
export function monitorMemory(chains: number): number {
  return Math.min(WHOLE_CPU_MB, Math.max(256, 128 + 64 * chains))
}

/**
 * The loop that observes, decides and acts: started each minute, it runs for about two, so that
 * there is an active one and a warm standby at any time.
 *
 * A start that is throttled or fails is not tried again and dropped after a minute (the next one is
 * due by then). Three at once: two that overlap, and one more while a new version takes over.
 */
export class Monitor extends Construct {
  readonly function: BatonFunction
  readonly deadLetters: Queue

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
      timeout: Duration.seconds(150),
      reservedConcurrency: 3,
    })
    this.function.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
      onFailure: new SqsDestination(this.deadLetters),
    })
    const { readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory } = permissions
    const onRecords = [readHeads, writeHeads, readLeases, writeLeases, readHistory, appendHistory]
    this.function.allow(
      ...onRecords.map((allow) => allow(store, chains)),
      ...permissions.readTogether(store, chains),
      permissions.getObjects(store, chains, 'spill', 'payloads', 'sightings'),
      permissions.missObjects(store),
      readConfig,
    )
    new Schedule(this, 'EveryMinute', {
      description: 'Baton: starts the monitor',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(this.function, {
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
        deadLetterQueue: this.deadLetters,
        input: ScheduleTargetInput.fromObject({ source: 'baton.schedule' }),
      }),
    })
  }
}
