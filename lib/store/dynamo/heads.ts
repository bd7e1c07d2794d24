import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { HeadStore } from '../stores.ts'
import { headFieldsWithoutPayload, readHead } from './codec.ts'
import { dynamoTable, type StoreOptions } from './table.ts'

/**
 * The Heads table on DynamoDB.
 *
 * @throws StoreUnavailableError (from each method) when there is no answer within `timeoutMs`.
 * @throws CorruptRecordError when the item is not a head.
 */
export function dynamoHeads(client: DynamoDBClient, table: string, options?: StoreOptions): HeadStore {
  const heads = dynamoTable(client, table, readHead, options)
  return {
    read: heads.reader(headFieldsWithoutPayload),
    readWithPayload: heads.reader(),
    commit: heads.commit,
    write: heads.write,
  }
}
