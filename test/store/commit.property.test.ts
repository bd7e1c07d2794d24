import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commit } from '../../lib/protocol/commit.ts'
import { fence } from '../../lib/protocol/grant.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { all, type Condition, equals, type Write } from '../../lib/protocol/write.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { readHead } from '../../lib/store/dynamo/codec.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { defaultTableNames, type Stores } from '../../lib/store/stores.ts'
import { cases } from '../cases.ts'
import { violations } from './invariants.ts'
import { type Plan, plan, type Rules, race, rules } from './race.ts'

const ACTORS = 5

let database: EmbeddedDatabase
let actors: Stores[]
let nextHistory: () => Promise<Head[]>
let runs = 0

beforeAll(async () => {
  database = await startEmbeddedDatabase()
  await createTables(dynamoClient({ endpoint: database.endpoint }))
  actors = Array.from({ length: ACTORS }, () => {
    const client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 5_000 })
    return dynamoStores(client, defaultTableNames, { timeoutMs: 5_000 })
  })
  nextHistory = await openHistory(database)
})
afterAll(() => database?.stop())

/** Everything that happened to the Heads table since the last call. */
async function openHistory({ port, key }: EmbeddedDatabase): Promise<() => Promise<Head[]>> {
  const credentials = { accessKeyId: key.id, secretAccessKey: key.secret }
  const endpoint = `http://127.0.0.1:${port}`
  const client = new DynamoDBStreamsClient({ endpoint, region: 'local', credentials })
  const { Streams } = await client.send(new ListStreamsCommand({ TableName: defaultTableNames.heads }))
  const StreamArn = Streams?.[0]?.StreamArn
  const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }))
  const ShardId = StreamDescription?.Shards?.[0]?.ShardId
  const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const }
  let { ShardIterator } = await client.send(new GetShardIteratorCommand(from))
  return async () => {
    const heads: Head[] = []
    while (true) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }))
      ShardIterator = page.NextShardIterator
      if (!page.Records?.length) return heads
      for (const { dynamodb } of page.Records)
        heads.push(readHead(dynamodb?.NewImage as Record<string, AttributeValue>))
    }
  }
}

async function violationsOf(plan: Plan, rules: Rules): Promise<{ found: string[]; commits: number }> {
  const raced = await race((actor) => actors[actor] as Stores, `run-${runs++}`, plan, rules)
  const history = await nextHistory()
  return { found: violations(history, raced), commits: raced.acknowledged.length }
}

test('invariants 1 to 4 hold whatever nodes and monitors do at once', async () => {
  let commits = 0
  const holds = fc.asyncProperty(plan, async (plan) => {
    const result = await violationsOf(plan, rules)
    commits += result.commits
    expect(result.found).toEqual([])
  })
  await fc.assert(holds, {
    numRuns: cases({ few: 30, all: 120 }),
    endOnFailure: true,
    interruptAfterTimeLimit: 200_000,
  })
  expect(commits).toBeGreaterThan(100)
}, 240_000)

const without = (field: string, write: Write<Head>): Write<Head> => {
  const { when } = write
  const keeps = (c: Condition) => !('field' in c && c.field === field)
  return { ...write, when: when.is === 'all' ? all(...when.of.filter(keeps)) : when }
}

const mutants: Record<string, { rules: Partial<Rules>; breaks: RegExp }> = {
  'commit by anybody': { rules: { commit: (...args) => without('leader', commit(...args)) }, breaks: /^4/ },
  'commit of any number': { rules: { commit: (...args) => without('number', commit(...args)) }, breaks: /^2/ },
  'commit on any parent': { rules: { commit: (...args) => without('hash', commit(...args)) }, breaks: /^[12]/ },
  'commit forgets its term': { rules: { commit: (...args) => ({ ...commit(...args), copy: {} }) }, breaks: /^2/ },
  'commit forgets the payload': {
    rules: {
      commit: (...args) => {
        const { payload: _, ...set } = commit(...args).set
        return { ...commit(...args), set }
      },
    },
    breaks: /^3/,
  },
  'an error is answered with OK': { rules: { okOnError: true }, breaks: /^3/ },
  'a fence of any term': {
    rules: { fence: (...args) => ({ ...fence(...args), when: equals('chain', `run-${runs - 1}`) }) },
    breaks: /^4/,
  },
  'a fence of the same term for another node': {
    rules: {
      fence: (leader, term, at) => ({
        ...fence(leader, term, at),
        when: { is: '<=', field: 'term', value: term },
      }),
    },
    breaks: /^4/,
  },
}

test.each(Object.entries(mutants))('the invariants catch: %s', async (_, { rules: mutation, breaks }) => {
  const holds = fc.asyncProperty(plan, async (plan) => {
    const { found } = await violationsOf(plan, { ...rules, ...mutation })
    return !found.some((violation) => breaks.test(violation))
  })
  const { failed } = await fc.check(holds, { numRuns: 200, endOnFailure: true })
  expect(failed).toBe(true)
})
