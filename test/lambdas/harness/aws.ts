import { AwsClient } from 'aws4fetch'
import { startEmbeddedDatabase } from '../../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../../lib/store/dynamo/client.ts'
import { createTable, createTables } from '../../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../../lib/store/dynamo/stores.ts'
import { payloadTable, withPayloadTable } from '../../../lib/store/objects/payload-table.ts'
import { bucketObjects } from '../../../lib/store/objects/s3.ts'
import { defaultTableNames, type ObjectStore, type Stores } from '../../../lib/store/stores.ts'
import { startFakes } from './fakes.ts'
import { startMiniStack } from './ministack.ts'

/** An AWS account on loopback: DynamoDB by dynoxide, S3 and SSM by MiniStack, or by small fakes where that cannot run. */
export type Account = {
  /** All of a function's environment. */
  readonly env: Readonly<Record<string, string>>
  readonly stores: Stores
  readonly objects: ObjectStore
  /** Whose S3 and SSM these are. */
  readonly emulator: string
  putParameter(name: string, value: string): Promise<void>
  close(): Promise<void>
}

/** The prefix of the parameters, and the bucket. */
export const PREFIX = '/baton/test'
const BUCKET = 'baton-test-archive'
const PAYLOADS = 'baton-test-payloads'

/** Opens an account with tables and a bucket, for functions that serve these chains. */
export async function openAccount(chains: readonly string[]): Promise<Account> {
  const database = await startEmbeddedDatabase()
  const emulator = process.env.BATON_TEST_FAKES
    ? await startFakes()
    : ((await startMiniStack()) ?? (await startFakes()))
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: database.key.id,
    AWS_SECRET_ACCESS_KEY: database.key.secret,
    AWS_SESSION_TOKEN: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${database.port}`,
    AWS_ENDPOINT_URL_S3: emulator.endpoint,
    AWS_ENDPOINT_URL_SSM: emulator.endpoint,
    BATON_NAME: 'test',
    BATON_HEADS_TABLE: defaultTableNames.heads,
    BATON_LEASES_TABLE: defaultTableNames.leases,
    BATON_HISTORY_TABLE: defaultTableNames.history,
    BATON_PAYLOADS_TABLE: PAYLOADS,
    BATON_BUCKET: BUCKET,
    BATON_CHAINS: chains.join(','),
    BATON_PARAMETERS: PREFIX,
    POWERTOOLS_SERVICE_NAME: 'baton',
    POWERTOOLS_METRICS_NAMESPACE: 'Baton',
  }
  const dynamo = dynamoClient({ endpoint: database.endpoint, timeoutMs: 5_000 })
  await createTables(dynamo)
  await createTable(dynamo, PAYLOADS, payloadTable)
  const client = new AwsClient({ accessKeyId: 'test', secretAccessKey: 'test', region: 'us-east-1' })
  await client.fetch(`${emulator.endpoint}/${BUCKET}`, { method: 'PUT', aws: { service: 's3' } })
  return {
    env,
    stores: dynamoStores(dynamo, undefined, { timeoutMs: 5_000 }),
    objects: withPayloadTable(bucketObjects(BUCKET, 'us-east-1', { timeoutMs: 5_000, variables: env }), dynamo, {
      table: PAYLOADS,
      timeoutMs: 5_000,
    }),
    emulator: emulator.name,
    async putParameter(name, value) {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.PutParameter' }
      const Type = /\/(secrets|jwt)$/.test(name) ? 'SecureString' : 'String'
      const body = JSON.stringify({ Name: PREFIX + name, Value: value, Type, Overwrite: true })
      const response = await client.fetch(emulator.endpoint, { method: 'POST', headers, body, aws: { service: 'ssm' } })
      if (!response.ok) throw new Error(await response.text())
    },
    async close() {
      dynamo.destroy()
      await emulator.stop()
      await database.stop()
    },
  }
}
