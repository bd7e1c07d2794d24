import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { holdMonitorLease, releaseMonitorLease } from '../monitor-lease.ts'
import type { LeaseStore, MonitorLeaseStore } from '../stores.ts'
import { readLease, readMonitorLease } from './codec.ts'
import { dynamoTable, type StoreOptions } from './table.ts'

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
    hold: (name, owner, ttlMs, now) =>
      holdMonitorLease((write) => leases.write(`monitor#${name}`, write), owner, ttlMs, now),
    read: (name) => read(`monitor#${name}`),
    async release(name, owner) {
      await leases.write(`monitor#${name}`, releaseMonitorLease(owner))
    },
  }
}
