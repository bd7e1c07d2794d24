import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'
import { bucketObjects } from './objects.ts'

/** Fewer chains seldom ask for something at the same moment: they would only wait for each other. */
const MANY_CHAINS = 10

/**
 * How a monitor of so many chains asks. Of many: reads of a moment are one request, since each costs CPU; and
 * the end of a call is later, or a busy process would call the store silent for its own slowness.
 */
export const watching = (chains: number): OpenOptions =>
  chains < MANY_CHAINS ? {} : { gatherMs: 20, timeoutMs: 1_000 }

/** In each how many turns a monitor of so many chains asks the nodes of one that is well. */
export const looksEvery = (chains: number): number => (chains < 50 ? 1 : 3)

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
