import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'
import { bucketObjects } from './objects.ts'

/** Who asks for something by hand can wait, and the first connection of a cold function takes its time. */
export const PATIENT = { timeoutMs: 2_000 } as const

/**
 * The stores of a function, on connections that stay open between its runs. `timeoutMs` is the hard end
 * of a call to a table, 400 unless told: what a commit can bear.
 */
export function openStores(
  { tables, bucket, region }: Environment,
  { timeoutMs, objectTimeoutMs = 2_000 }: { readonly timeoutMs?: number; readonly objectTimeoutMs?: number } = {},
): { readonly stores: Stores; readonly objects: ObjectStore } {
  const hardEnd = timeoutMs === undefined ? {} : { timeoutMs }
  return {
    stores: dynamoStores(dynamoClient({ region, ...hardEnd }), tables, hardEnd),
    objects: bucketObjects(bucket, region, { timeoutMs: objectTimeoutMs }),
  }
}
