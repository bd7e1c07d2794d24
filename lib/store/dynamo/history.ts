import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import type { HistoryRecord } from '../../protocol/records.ts'
import { withDeadline } from '../deadline.ts'
import type { HistoryStore } from '../stores.ts'
import { type Item, toItem } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { readHistoryRecord } from './codec.ts'
import type { StoreOptions } from './table.ts'

const DAY_S = 86_400

/**
 * The History table on DynamoDB. Records expire after `keepDays` (default 90) by the table's TTL.
 *
 * @throws StoreUnavailableError (from each method) when there is no answer within `timeoutMs`.
 */
export function dynamoHistory(
  client: DynamoDBClient,
  table: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS, keepDays = 90 }: StoreOptions & { readonly keepDays?: number } = {},
): HistoryStore {
  return {
    async append(record) {
      const Item = toItem({ ...record, expiresAt: Math.floor(record.at / 1000) + keepDays * DAY_S })
      await withDeadline('append', `${table}/${record.chain}`, timeoutMs, (abortSignal) =>
        client.send(new PutItemCommand({ TableName: table, Item }), { abortSignal }),
      )
    },

    async list(chain, { limit = 100, before } = {}) {
      const records: HistoryRecord[] = []
      let start: Item | undefined = before === undefined ? undefined : { chain: { S: chain }, id: { S: before } }
      do {
        const input = {
          TableName: table,
          KeyConditionExpression: '#chain = :chain',
          ExpressionAttributeNames: { '#chain': 'chain' },
          ExpressionAttributeValues: { ':chain': { S: chain } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit - records.length,
          ...(start && { ExclusiveStartKey: start }),
        }
        const page = await withDeadline('list', `${table}/${chain}`, timeoutMs, (abortSignal) =>
          client.send(new QueryCommand(input), { abortSignal }),
        )
        records.push(...(page.Items ?? []).map(readHistoryRecord))
        start = page.LastEvaluatedKey
      } while (start && records.length < limit)
      return records
    },
  }
}
