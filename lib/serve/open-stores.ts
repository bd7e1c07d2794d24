import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { AwsAccess } from '../aws/signed-fetch.ts'
import type { ChainConfig } from '../config/chain-config.ts'
import { dynamoClient } from '../store/dynamo/client.ts'
import { createTables } from '../store/dynamo/create-tables.ts'
import { dynamoStores } from '../store/dynamo/stores.ts'
import type { StoreOptions } from '../store/dynamo/table.ts'
import { withCommitLog } from '../store/objects/commit-log.ts'
import { folderObjects } from '../store/objects/folder.ts'
import { withPayloadTable } from '../store/objects/payload-table.ts'
import { bucketObjects } from '../store/objects/s3.ts'
import { defaultTableNames, type ObjectStore, type Stores } from '../store/stores.ts'
import { startEmbeddedDatabase } from './embedded/database.ts'

/** Creating a table is no commit: it may take its time. */
const CREATE_MS = 10_000

/** The open stores of a chain; `endpoint` is their DynamoDB API, absent on AWS. */
export type OpenStores = {
  readonly stores: Stores
  readonly objects: ObjectStore
  readonly endpoint?: string
  close(): Promise<void>
}

/**
 * Opens the configured stores; `timeoutMs` bounds a call to a table, default 400, and `gatherMs` combines reads. `aws`: region and credentials for S3,
 * default the environment. Contacts no store yet: one may be away when a process starts.
 */
export function openStores(
  store: NonNullable<ChainConfig['store']>,
  { aws, ...options }: StoreOptions & { readonly aws?: AwsAccess | undefined } = {},
): OpenStores {
  const { endpoint, region, tables = defaultTableNames } = store
  const place = { ...(endpoint !== undefined && { endpoint }), ...(region !== undefined && { region }) }
  const client = dynamoClient({ ...place, ...options })
  return {
    stores: dynamoStores(client, tables, options),
    objects: openObjects(store, client, aws),
    ...(endpoint !== undefined && { endpoint }),
    close: async () => client.destroy(),
  }
}

/** Creates the missing tables on a database of this machine; on AWS the stack does it. */
export async function createLocalTables({
  endpoint,
  tables = defaultTableNames,
}: NonNullable<ChainConfig['store']>): Promise<void> {
  if (endpoint === undefined) return
  const client = dynamoClient({ endpoint, timeoutMs: CREATE_MS })
  try {
    await createTables(client, tables, { streams: false })
  } finally {
    client.destroy()
  }
}

/** Starts the embedded database with its data in `folder`, and opens the stores on it. */
export async function openEmbedded(folder: string, port?: number): Promise<OpenStores> {
  const database = await startEmbeddedDatabase({ file: join(folder, 'baton.db'), ...(port !== undefined && { port }) })
  const store = { endpoint: database.endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } } as const
  try {
    await createLocalTables(store)
    const open = openStores(store)
    return {
      ...open,
      close: async () => {
        await open.close()
        await database.stop()
      },
    }
  } catch (error) {
    await database.stop()
    throw error
  }
}

/** The gate bounds the writes within a commit; all others can wait for a slow line (ms). */
const OBJECT_MS = 4_000

function openObjects(
  { objects, region }: NonNullable<ChainConfig['store']>,
  client: DynamoDBClient,
  aws: AwsAccess | undefined,
): ObjectStore {
  if (objects.kind === 'folder') return withCommitLog(folderObjects(objects.path), objects.path)
  const { bucket, payloads, endpoint } = objects
  // An emulator has no region, and accepts a signature for any.
  const place = region ?? (endpoint === undefined ? undefined : 'us-east-1')
  const opened = bucketObjects(bucket, place, { timeoutMs: OBJECT_MS, aws, endpoint })
  return payloads === undefined ? opened : withPayloadTable(opened, client, { table: payloads, timeoutMs: OBJECT_MS })
}
