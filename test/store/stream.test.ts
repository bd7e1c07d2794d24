import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Block } from '../../lib/protocol/block.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/fence.ts'
import { seedHead } from '../../lib/protocol/seed.ts'
import { chainArchive } from '../../lib/store/archive.ts'
import { archiveRecords, type BatchResponse } from '../../lib/store/archive-records.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { defaultTableNames } from '../../lib/store/dynamo/tables.ts'
import { memoryObjects } from '../../lib/store/memory/objects.ts'
import { packPayload } from '../../lib/store/payload.ts'
import type { HeadStore } from '../../lib/store/stores.ts'
import { followStream, type StreamPosition } from '../../lib/store/stream.ts'
import { childOf, envelopeOf, genesis } from './blocks.ts'
import { type Database, dynamoDbLocal, dynoxide, refereeMissing } from './databases.ts'

describe.each([
  ['dynoxide', dynoxide, undefined],
  ['DynamoDB Local', dynamoDbLocal, refereeMissing],
])('%s', (name, start, missing) => {
  describe.skipIf(missing !== undefined)(missing ?? 'runs', () => {
    let database: Database
    let client: DynamoDBStreamsClient
    let heads: HeadStore
    let streamArn: string
    let tip: Block = genesis

    beforeAll(async () => {
      database = await start()
      const { endpoint } = database
      const tables = dynamoClient({ endpoint, timeoutMs: 5_000 })
      await createTables(tables)
      heads = dynamoStores(tables, undefined, { timeoutMs: 5_000 }).heads
      const { Table } = await tables.send(new DescribeTableCommand({ TableName: defaultTableNames.heads }))
      streamArn = Table?.LatestStreamArn ?? ''
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
      client = new DynamoDBStreamsClient({ endpoint, region: 'local', credentials })
      await heads.write(name, seedHead(genesis, 0, 0))
      await heads.write(name, fence('ada', 1, 0))
    })
    afterAll(() => database?.stop())

    const commitBlocks = async (count: number) => {
      for (let i = 0; i < count; i++) {
        tip = childOf(tip)
        await heads.commit(name, commit('ada', tip, { payload: await packPayload(envelopeOf(tip)) }, 1))
      }
    }

    test('every commit reaches the archive; a stopped reader goes on where it was; failures come again', async () => {
      const objects = memoryObjects()
      const archive = chainArchive(objects, name.replace(' ', ''))
      let position: StreamPosition = {}
      let failOnce = true
      const handled: string[] = []
      const troubles: unknown[] = []

      const followUntil = async (block: Block) => {
        const stop = new AbortController()
        const following = followStream({
          client,
          streamArn,
          position,
          pollMs: 20,
          signal: stop.signal,
          async handle(records): Promise<BatchResponse> {
            const all = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '')
            if (failOnce && records.length > 1) {
              failOnce = false
              return { batchItemFailures: [{ itemIdentifier: all[1] ?? '' }] }
            }
            handled.push(...all)
            const images = records.map(({ dynamodb }) => ({
              dynamodb: {
                SequenceNumber: dynamodb?.SequenceNumber,
                NewImage: { ...dynamodb?.NewImage, chain: { S: name.replace(' ', '') } },
              },
            }))
            return archiveRecords(objects, images, (error) => troubles.push(error))
          },
          save: async (reached) => {
            position = reached
          },
          onTrouble: (error) => troubles.push(error),
        })
        for (let i = 0; i < 200 && (await archive.get(block)) === undefined; i++) await sleep(20)
        stop.abort()
        await following
      }

      await commitBlocks(12)
      await followUntil(tip)
      expect(failOnce).toBe(false)
      const before = handled.length
      await commitBlocks(5)
      await followUntil(tip)
      expect(troubles).toEqual([])
      expect(new Set(handled).size).toBe(handled.length)
      expect(handled.length - before).toBe(5)

      const walked: boolean[] = []
      for await (const { found } of archive.walkBack(tip, 101n)) walked.push(found)
      expect(walked).toEqual(Array.from({ length: 17 }, () => true))
    })

    test('a database that is gone is reported, and the reader ends when told to', async () => {
      const troubles: unknown[] = []
      const stop = new AbortController()
      const lost = new DynamoDBStreamsClient({
        endpoint: 'http://127.0.0.1:9',
        region: 'local',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        maxAttempts: 1,
      })
      const following = followStream({
        client: lost,
        streamArn,
        position: {},
        pollMs: 20,
        signal: stop.signal,
        handle: async () => ({ batchItemFailures: [] }),
        save: async () => {},
        onTrouble: (error) => troubles.push(error),
      })
      await sleep(200)
      stop.abort()
      await following
      expect(troubles.length).toBeGreaterThan(1)
      expect(troubles[0]).toMatchObject({ name: 'StoreUnavailableError' })
    })
  })
})
