import type { BatchGetItemCommandOutput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'
import { defaultTableNames } from '../../lib/store/stores.ts'
import { genesis } from './blocks.ts'
import { type Database, dynoxide } from './databases.ts'

let database: Database
let client: ReturnType<typeof dynamoClient>
let requests: string[] = []
/** The chain DynamoDB leaves out of its next answer. */
let leftOut: string | undefined

beforeAll(async () => {
  database = await dynoxide()
  client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 5_000 })
  await createTables(client)
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        requests.push(commandName)
        const result = await next(args)
        if (commandName !== 'BatchGetItemCommand' || leftOut === undefined) return result
        const key = { chain: { S: leftOut } }
        const output = result.output as BatchGetItemCommandOutput
        for (const [table, items] of Object.entries(output.Responses ?? {})) {
          output.Responses = { [table]: items.filter(({ chain }) => chain?.S !== leftOut) }
          output.UnprocessedKeys = { [table]: { Keys: [key] } }
        }
        return result
      },
    { step: 'initialize', name: 'count' },
  )
})
afterAll(async () => {
  client.destroy()
  await database.stop()
})

const open = () => dynamoStores(client, defaultTableNames, { timeoutMs: 5_000, gatherMs: 20 })
const names = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)

test('many chains: a request for each 25, every reader gets its own record, or none', async () => {
  const { heads, leases } = open()
  const chains = names(30, 'many')
  await Promise.all(
    chains.map(async (chain, i) => {
      await heads.write(chain, seedHead({ ...genesis, number: BigInt(i) }, 0, 5))
      await leases.write(chain, seedLease(chain, i, { kind: 'baton', name: 'baton' }, 5))
    }),
  )
  requests = []
  const asked = [...chains, 'nobody', 'many-3']
  const [found, granted] = await Promise.all([
    Promise.all(asked.map((chain) => heads.read(chain))),
    Promise.all(asked.map((chain) => leases.read(chain))),
  ])
  expect(found.map((head) => head?.number)).toEqual([...chains.map((_, i) => BigInt(i)), undefined, 3n])
  expect(found[7]).toEqual(await heads.readWithPayload('many-7'))
  expect(granted.map((lease) => lease?.leader)).toEqual([...chains, undefined, 'many-3'])
  expect(requests.toSorted()).toEqual([...Array(4).fill('BatchGetItemCommand'), 'GetItemCommand'])
})

test('one chain is read by itself', async () => {
  requests = []
  expect(await open().heads.read('nobody')).toBeUndefined()
  expect(requests).toEqual(['GetItemCommand'])
})

test('a chain that DynamoDB leaves out for its limits is asked for again, not taken for one without a head', async () => {
  const { heads } = open()
  const chains = names(3, 'limit')
  await Promise.all(chains.map((chain) => heads.write(chain, seedHead(genesis, 0, 5))))
  requests = []
  leftOut = 'limit-1'
  const found = await Promise.all(chains.map((chain) => heads.read(chain)))
  leftOut = undefined
  expect(found.map((head) => head?.chain)).toEqual(chains)
  expect(requests).toEqual(['BatchGetItemCommand', 'GetItemCommand'])
})

test('a read begins after it was asked for: what was written before is seen', async () => {
  const { heads } = open()
  const first = heads.read('late-0')
  await heads.write('late-1', seedHead(genesis, 0, 5))
  expect((await heads.read('late-1'))?.number).toBe(genesis.number)
  expect(await first).toBeUndefined()
})

test('a database that is away fails every reader', async () => {
  const away = dynamoClient({ endpoint: 'http://127.0.0.1:9', timeoutMs: 500 })
  const { heads } = dynamoStores(away, defaultTableNames, { timeoutMs: 500, gatherMs: 5 })
  const reads = await Promise.allSettled(['a', 'b'].map((chain) => heads.read(chain)))
  for (const read of reads)
    expect(read).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) })
  away.destroy()
})
