import { Duration } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { BatonFunction, deadLetters, type FunctionDefaults } from './function.ts'
import { type ChainKeys, permissions } from './permissions.ts'
import type { BatonStore } from './store.ts'

export type ArchiverProps = FunctionDefaults & { readonly store: BatonStore; readonly chains: ChainKeys }

/**
 * Copies every committed payload from the stream of Heads into the bucket, off the hot path, and proves each; a payload
 * that is not its block is recorded in History instead.
 *
 * A failing batch is split until the bad record stands alone. That record is retried for six hours, then goes to the
 * dead letters, which hold its position in the stream (kept for 24 hours), not its content.
 */
export class Archiver extends Construct {
  readonly function: BatonFunction
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { store, chains, ...defaults }: ArchiverProps) {
    super(scope, id)
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      handler: 'archiver',
      everyBlock: true,
      description: 'Baton: copies committed payloads into the archive',
      // Each block is hashed: with this share of a CPU a 1 MB block takes 0.7 s, and a batch of 25 of them fits the
      // timeout.
      memorySize: 512,
      timeout: Duration.seconds(120),
    })
    this.deadLetters = deadLetters(this)
    this.function.addEventSource(
      new DynamoEventSource(store.heads as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 25,
        maxBatchingWindow: Duration.seconds(0),
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        retryAttempts: 1_000,
        maxRecordAge: Duration.hours(6),
        onFailure: new SqsDlq(this.deadLetters),
      }),
    )
    this.function.allow(
      permissions.readHeads(store, chains),
      permissions.getObjects(store, chains, 'spill'),
      permissions.missObjects(store),
      ...permissions.writeArchive(store, chains),
      permissions.appendHistory(store, chains),
    )
  }
}
