import { Duration, Stack } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource, SnsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { BatonFunction, type FunctionDefaults } from './function.ts'
import type { BatonStore } from './store.ts'

export type AnnouncerProps = FunctionDefaults & {
  readonly store: BatonStore
  /** Gets a message about decisions that could not be announced within six hours. */
  readonly failures: ITopic
}

/**
 * Puts every decision on the account's default event bus: docs/reference/events.md. It follows the stream of History,
 * so that no decider needs a right or a route for it, and nothing waits for it. It is outside the VPC.
 */
export class Announcer extends Construct {
  readonly function: BatonFunction

  constructor(scope: Construct, id: string, { store, failures, ...defaults }: AnnouncerProps) {
    super(scope, id)
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      handler: 'announcer',
      description: 'Baton: puts every decision on the event bus',
      memorySize: 256,
      timeout: Duration.seconds(60),
    })
    this.function.addEventSource(
      new DynamoEventSource(store.history as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 50,
        maxBatchingWindow: Duration.seconds(0),
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        retryAttempts: 1_000,
        maxRecordAge: Duration.hours(6),
        filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
        onFailure: new SnsDlq(failures),
      }),
    )
    const bus = Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })
    this.function.allow(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] }))
  }
}
