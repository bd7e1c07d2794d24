import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import { withPayloadTable } from '../store/objects/payload-table.ts'
import { bucketObjects } from '../store/objects/s3.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'

/** Connection options of a function's stores. */
export type OpenOptions = {
  /** Timeout of a table call in ms; default 400, the most a commit can bear. */
  readonly timeoutMs?: number
  readonly objectTimeoutMs?: number
  /** Combines reads of a table issued within so many ms into one request. Default: one request each. */
  readonly gatherMs?: number
}

/** Opens the stores of a function, on connections that stay open between its runs. */
export function openStores(
  { tables, bucket, payloads, archiveDays, region }: Environment,
  { objectTimeoutMs = 2_000, ...options }: OpenOptions = {},
): { readonly stores: Stores; readonly objects: ObjectStore } {
  const client = dynamoClient({ region, ...options })
  const objects = bucketObjects(bucket, region, { timeoutMs: objectTimeoutMs })
  const keep = archiveDays === undefined ? {} : { keepDays: archiveDays }
  return {
    stores: dynamoStores(client, tables, options),
    objects:
      payloads === undefined
        ? objects
        : withPayloadTable(objects, client, { table: payloads, timeoutMs: objectTimeoutMs, ...keep }),
  }
}
