import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'
import { bucketObjects } from './objects.ts'

/** The stores of a function, on connections that stay open between its runs. */
export function openStores(
  { tables, bucket, region }: Environment,
  { objectTimeoutMs = 2_000 }: { readonly objectTimeoutMs?: number } = {},
): { readonly stores: Stores; readonly objects: ObjectStore } {
  return {
    stores: dynamoStores(dynamoClient({ region }), tables),
    objects: bucketObjects(bucket, region, { timeoutMs: objectTimeoutMs }),
  }
}
