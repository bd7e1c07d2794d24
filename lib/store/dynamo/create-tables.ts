import {
  CreateTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { StoreUnavailableError } from '../errors.ts'
import { defaultTableNames, type TableDefinition, type TableNames, tables } from '../stores.ts'

/**
 * Creates missing tables and leaves existing ones alone. For a local database; on AWS the stack creates them. `streams:
 * false` omits the Heads stream.
 *
 * @throws StoreUnavailableError
 */
export async function createTables(
  client: DynamoDBClient,
  names: TableNames = defaultTableNames,
  { streams = true }: { readonly streams?: boolean } = {},
): Promise<void> {
  const wanted: [string, TableDefinition][] = [
    [names.heads, tables.heads],
    [names.leases, tables.leases],
    [names.history, tables.history],
  ]
  for (const [name, definition] of wanted) {
    try {
      await createTable(client, name, definition, streams)
    } catch (error) {
      if (!(error instanceof ResourceInUseException)) throw new StoreUnavailableError('create', name, error)
    }
  }
}

/** Creates one table; on AWS the stack does. */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  definition: TableDefinition,
  streams = false,
): Promise<void> {
  const { partitionKey, sortKey, stream, timeToLive } = definition
  const schema: KeySchemaElement[] = [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
  ]
  await client.send(
    new CreateTableCommand({
      TableName: name,
      KeySchema: schema,
      AttributeDefinitions: schema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
      BillingMode: 'PAY_PER_REQUEST',
      ...(stream && streams && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName: name })
  if (timeToLive === undefined) return
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: timeToLive, Enabled: true },
    }),
  )
}
