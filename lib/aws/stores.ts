import { dynamoClient } from '../store/dynamo/client.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import type { Environment } from './environment.ts'
import { bucketObjects } from './objects.ts'

/** Who asks for something by hand can wait, and the first connection of a cold function takes its time. */
export const PATIENT = { timeoutMs: 2_000 } as const

/** A monitor of many chains waits a moment for others that ask the same table: fewer requests, each of them costly. */
export const WATCHING = { gatherMs: 20 } as const
/** Fewer chains seldom ask at the same moment: they would only wait. */
const MANY_CHAINS = 10

export type OpenOptions = {
  /** Hard end of a call to a table, 400 unless told: what a commit can bear. */
  readonly timeoutMs?: number
  readonly objectTimeoutMs?: number
  /** Reads asked for within so many ms are one request, if the function serves many chains. */
  readonly gatherMs?: number
}

/** The stores of a function, on connections that stay open between its runs. */
export function openStores(
  { chains, tables, bucket, region }: Environment,
  { timeoutMs, objectTimeoutMs = 2_000, gatherMs }: OpenOptions = {},
): { readonly stores: Stores; readonly objects: ObjectStore } {
  const hardEnd = timeoutMs === undefined ? {} : { timeoutMs }
  const together = gatherMs === undefined || chains.length < MANY_CHAINS ? {} : { gatherMs }
  return {
    stores: dynamoStores(dynamoClient({ region, ...hardEnd }), tables, { ...hardEnd, ...together }),
    objects: bucketObjects(bucket, region, { timeoutMs: objectTimeoutMs }),
  }
}
