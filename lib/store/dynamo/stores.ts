import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Stores } from '../stores.ts'
import { dynamoHeads } from './heads.ts'
import { dynamoHistory } from './history.ts'
import { dynamoLeases, dynamoMonitorLease } from './leases.ts'
import { watchServerClock } from './server-clock.ts'
import type { StoreOptions } from './table.ts'
import { defaultTableNames, type TableNames } from './tables.ts'

/** All stores of Baton on DynamoDB. */
export function dynamoStores(
  client: DynamoDBClient,
  names: TableNames = defaultTableNames,
  options?: StoreOptions,
): Stores {
  return {
    heads: dynamoHeads(client, names.heads, options),
    leases: dynamoLeases(client, names.leases, options),
    history: dynamoHistory(client, names.history, options),
    monitorLease: dynamoMonitorLease(client, names.leases, options),
    serverClock: watchServerClock(client),
  }
}
