import { DescribeTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { watchServerClock } from '../../lib/store/dynamo/stores.ts'
import { type Database, dynoxide } from './databases.ts'

let database: Database
beforeAll(async () => {
  database = await dynoxide()
})
afterAll(() => database.stop())

test.each([0, 7_000, -3_600_000])('the date of each answer bounds how far off our clock is: %d ms', async (off) => {
  const client = dynamoClient(database)
  const watch = watchServerClock(client, () => Date.now() + off)
  expect(watch()).toBeUndefined()
  for (let i = 0; i < 4; i++) await client.send(new ListTablesCommand({}))
  const { samples: looks, offset = { low: 0, high: 0 } } = watch() ?? {}
  expect(looks).toBe(4)
  expect(offset.low).toBeLessThanOrEqual(-off)
  expect(offset.high).toBeGreaterThanOrEqual(-off)
  expect(offset.high - offset.low).toBeLessThan(4_000)
  client.destroy()
})

test('an error is an answer, too; no answer proves nothing', async () => {
  const client = dynamoClient(database)
  const watch = watchServerClock(client)
  await expect(client.send(new DescribeTableCommand({ TableName: 'nowhere' }))).rejects.toThrow()
  expect(watch()?.samples).toBe(1)
  const unreachable = dynamoClient({ endpoint: 'http://127.0.0.1:1' })
  const silent = watchServerClock(unreachable)
  await expect(unreachable.send(new ListTablesCommand({}))).rejects.toThrow()
  expect(silent()).toBeUndefined()
})
