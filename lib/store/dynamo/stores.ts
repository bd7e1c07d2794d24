import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { addOffset, type ClockWatch, offsetOfDate } from '../../protocol/clocks.ts'
import type { HistoryRecord } from '../../protocol/records.ts'
import { withDeadline } from '../errors.ts'
import { acquireMonitorLease, releaseMonitorLease, waitForMonitorLease } from '../monitor-lease.ts'
import {
  defaultTableNames,
  type HeadStore,
  type HistoryStore,
  type LeaseStore,
  type MonitorLeaseStore,
  type Stores,
  type TableNames,
} from '../stores.ts'
import { type Item, toItem } from './attributes.ts'
import { DEFAULT_TIMEOUT_MS } from './client.ts'
import { headFieldsWithoutPayload, readHead, readHistoryRecord, readLease, readMonitorLease } from './codec.ts'
import { dynamoTable, type StoreOptions } from './table.ts'

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

/**
 * The Leases table on DynamoDB.
 *
 * @throws StoreUnavailableError (from each method) when there is no answer within `timeoutMs`.
 * @throws CorruptRecordError when the item is not a lease.
 */
export function dynamoLeases(client: DynamoDBClient, table: string, options?: StoreOptions): LeaseStore {
  const leases = dynamoTable(client, table, readLease, options)
  return { read: leases.reader(), write: leases.write }
}

/** The leases of monitors: items `monitor#<name>` of the Leases table. Throws as {@link dynamoLeases}. */
export function dynamoMonitorLease(client: DynamoDBClient, table: string, options?: StoreOptions): MonitorLeaseStore {
  const leases = dynamoTable(client, table, readMonitorLease, options)
  const read = leases.reader()
  return {
    acquire: (name, owner, ttlMs, now) =>
      acquireMonitorLease((write) => leases.write(`monitor#${name}`, write), owner, ttlMs, now),
    read: (name) => read(`monitor#${name}`),
    async wait(name, owner, holder, until) {
      await leases.write(`monitor#${name}`, waitForMonitorLease(owner, holder, until))
    },
    async release(name, owner, ways) {
      await leases.write(`monitor#${name}`, releaseMonitorLease(owner, ways))
    },
  }
}

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

/** Compares our clock with the Date header of each response. Returns a function that reports the current estimate. */
export function watchServerClock(client: DynamoDBClient, now: () => number = Date.now): () => ClockWatch | undefined {
  let watch: ClockWatch | undefined
  client.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = now()
      const result = await next(args)
      const receivedAt = now()
      const date = Date.parse((result.response as { headers?: Record<string, string> }).headers?.date ?? '')
      const sample = Number.isNaN(date) ? undefined : offsetOfDate(date, sentAt, receivedAt)
      if (sample) watch = addOffset(watch, sample, receivedAt)
      return result
    },
    // Closest to the wire: runs once per attempt, before the response is read.
    { step: 'deserialize', priority: 'low', name: 'watchServerClock', override: true },
  )
  return () => watch
}
