import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { genesis } from '../store/blocks.ts'
import { listeningPorts } from './ports.ts'

let database: EmbeddedDatabase
let client: DynamoDBClient
let stores: Stores
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  client = dynamoClient({ endpoint: database.endpoint })
  stores = dynamoStores(client)
  await createTables(client)
  await stores.heads.write('901', seedHead(genesis, 0, 1))
  await stores.heads.write('901', fence('ada', 1, 1))
})
afterAll(async () => {
  client.destroy()
  await database.stop()
})

const takeOver = {
  TableName: 'baton-heads',
  Key: { chain: { S: '901' } },
  UpdateExpression: 'SET holder = :m',
  ExpressionAttributeValues: { ':m': { S: 'mallory' } },
}
const scope = 'Credential=baton/20261129/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target'
const madeUp = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20261129T120000Z',
  'x-amz-target': 'DynamoDB_20120810.UpdateItem',
  authorization: `AWS4-HMAC-SHA256 ${scope}, Signature=${'a'.repeat(64)}`,
}

type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string }
type Asked = { readonly method?: string; readonly path?: string; readonly headers?: object; readonly body?: string }

function ask({ method = 'POST', path = '/', headers, body = JSON.stringify(takeOver) }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = database
    request({ host: '127.0.0.1', port, method, path, headers: { ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      })
    })
      .on('error', reject)
      .end(body)
  })
}

/** What the SDK would send for the key's owner, before it is sent. */
async function signed(): Promise<Record<string, string>> {
  const own = dynamoClient({ endpoint: database.endpoint })
  let headers: Record<string, string> = {}
  own.middlewareStack.add(
    () =>
      async ({ request: sent }) => {
        headers = (sent as { headers: Record<string, string> }).headers
        throw new Error('caught')
      },
    { step: 'finalizeRequest', priority: 'low', name: 'caught' },
  )
  await own.send(new UpdateItemCommand(takeOver)).catch(() => {})
  own.destroy()
  return headers
}

describe('the embedded database obeys only who holds its key', () => {
  let proper: Record<string, string>
  const body = JSON.stringify(takeOver)
  beforeEach(async () => {
    proper = await signed()
  })

  test('the proper request is obeyed: the others fail for their own reason', async () => {
    expect(await ask({ headers: proper, body })).toMatchObject({ status: 200 })
    expect(await stores.heads.read('901')).toMatchObject({ leader: 'mallory' })
    await stores.heads.write('901', fence('ada', 2, 1))
  })

  test.each<[string, (own: Record<string, string>) => Asked]>([
    ['a web page with a made-up signature', () => ({ headers: { ...madeUp, origin: 'http://evil.example' } })],
    ['another user with a made-up signature', () => ({ headers: madeUp })],
    ['another user with none', () => ({ headers: { 'x-amz-target': madeUp['x-amz-target'] } })],
    ['nothing at all', () => ({ method: 'GET', body: '' })],
    ['a preflight', () => ({ method: 'OPTIONS', headers: { origin: 'http://evil.example' }, body: '' })],
    ['the proper signature from a web page', (own) => ({ headers: { ...own, origin: 'http://127.0.0.1' } })],
    ['the proper signature from another site', (own) => ({ headers: { ...own, 'sec-fetch-site': 'cross-site' } })],
    ['a name rebound to loopback', (own) => ({ headers: { ...own, host: `evil.example:${database.port}` } })],
    ['a name that begins as loopback', (own) => ({ headers: { ...own, host: '127.0.0.1.evil.example' } })],
    ['another body under the same signature', (own) => ({ headers: own, body: body.replace('mallory', 'mallorz') })],
    [
      'another operation under the same signature',
      (own) => ({ headers: { ...own, 'x-amz-target': 'DynamoDB_20120810.DeleteTable' } }),
    ],
    [
      'a signature that leaves the operation out',
      (own) => ({ headers: { ...own, authorization: own.authorization?.replace(';x-amz-target', '') } }),
    ],
    ['another path', (own) => ({ path: '/shell', headers: own })],
    [
      'an empty secret',
      () => ({ headers: { ...madeUp, authorization: madeUp.authorization.replace('=baton/', '=/') } }),
    ],
  ])('refused: %s', async (_, attack) => {
    const answer = await ask({ body, ...attack(proper) })
    expect(answer.status).toBe(403)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(answer.body).not.toContain(database.key.secret)
    expect(await stores.heads.read('901')).toMatchObject({ leader: 'ada' })
  })

  test('a client with another key is refused, and so is one without', async () => {
    const clean = `http://127.0.0.1:${database.port}`
    for (const endpoint of [clean, clean.replace('//', '//baton:guessed@')]) {
      const stranger = dynamoClient({ endpoint })
      await expect(stranger.send(new UpdateItemCommand(takeOver))).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      })
      stranger.destroy()
    }
  })

  test('the database itself listens nowhere, and the door on loopback only', () => {
    expect(listeningPorts(database.pid)).toEqual([])
    const own = listeningPorts(process.pid).filter(({ port }) => port === database.port)
    expect(own.map(({ address }) => address)).toEqual(['127.0.0.1'])
    expect(Object.keys(networkInterfaces()).length).toBeGreaterThan(0)
  })

  test('dynalite, which runs in this process, listens on no port either', async () => {
    const before = listeningPorts(process.pid).length
    const other = await startEmbeddedDatabase({ engine: 'dynalite' })
    const doors = listeningPorts(process.pid)
    expect(doors.length).toBe(before + 1)
    expect(doors.filter(({ port }) => port === other.port).map(({ address }) => address)).toEqual(['127.0.0.1'])
    await other.stop()
  })

  test('the key is new for each process', async () => {
    const other = await startEmbeddedDatabase()
    expect(other.key.secret).not.toBe(database.key.secret)
    expect(other.key.secret.length).toBeGreaterThanOrEqual(32)
    await other.stop()
  })
})

describe('what the engine leaves out is reported as DynamoDB reports it', () => {
  test('a refused condition reports the item that refused it, whatever is written at the same time', async () => {
    const write = (from: number) =>
      new UpdateItemCommand({
        TableName: 'baton-leases',
        Key: { chain: { S: 'race' } },
        UpdateExpression: 'SET n = :next',
        ConditionExpression: 'n = :from OR attribute_not_exists(n)',
        ExpressionAttributeValues: { ':from': { N: String(from) }, ':next': { N: String(from + 1) } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      })
    let n = 0
    for (let round = 0; round < 20; round++) {
      const tried = await Promise.all(
        Array.from({ length: 5 }, () =>
          client.send(write(n)).then(
            () => 'applied',
            (error: ConditionalCheckFailedException) => error.Item?.n?.N,
          ),
        ),
      )
      n++
      expect(tried.toSorted()).toEqual([...Array(4).fill(String(n)), 'applied'])
    }
  })

  test('a condition on an item that is not there reports none', async () => {
    const error = await client
      .send(
        new UpdateItemCommand({
          TableName: 'baton-leases',
          Key: { chain: { S: 'nowhere' } },
          UpdateExpression: 'SET n = :n',
          ConditionExpression: 'attribute_exists(chain)',
          ExpressionAttributeValues: { ':n': { N: '1' } },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConditionalCheckFailedException)
    expect((error as ConditionalCheckFailedException).Item).toBeUndefined()
  })
})
