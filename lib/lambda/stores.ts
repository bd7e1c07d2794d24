import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import { bucketObjects } from '../store/objects/s3.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'

/** How the stores of a function are reached. */
export type OpenOptions = {
  /** Hard end of a call to a table, 400 unless told: what a commit can bear. */
  readonly timeoutMs?: number
  readonly objectTimeoutMs?: number
  /** Reads of a table asked for within so many ms are one request. Default: each is one. */
  readonly gatherMs?: number
}

/** The stores of a function, on connections that stay open between its runs. */
export function openStores(
  { tables, bucket, region }: Environment,
  { objectTimeoutMs = 2_000, ...options }: OpenOptions = {},
): { readonly stores: Stores; readonly objects: ObjectStore } {
  return {
    stores: dynamoStores(dynamoClient({ region, ...options }), tables, options),
    objects: bucketObjects(bucket, region, { timeoutMs: objectTimeoutMs }),
  }
}
