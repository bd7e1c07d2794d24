import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { reason } from '../../../lib/protocol/reason.ts'
import type { HistoryRecord } from '../../../lib/protocol/records.ts'
import { dynamoClient } from '../../../lib/store/dynamo/client.ts'
import { type Account, openAccount } from '../harness/aws.ts'
import { type Running, start } from '../harness/invoke.ts'

const CHAIN = '901'
const AT = Date.parse('2026-11-29T03:12:07.412Z')
const validate = new Ajv({ validateFormats: false }).compile(
  JSON.parse(readFileSync('docs/reference/schemas/decision-event.schema.json', 'utf8')),
)

type Entry = { Source: string; DetailType: string; Time: number; Detail: string }

/** What an event bus was sent, call by call; `refuse` are the ids it does not take. */
const bus = { calls: [] as Entry[][], refuse: new Set<string>(), down: false, targets: new Set<unknown>() }
const server = createServer(async (incoming, response) => {
  let body = ''
  for await (const chunk of incoming) body += chunk
  bus.targets.add(incoming.headers['x-amz-target'])
  if (bus.down) return response.writeHead(503).end('{}')
  const { Entries } = JSON.parse(body) as { Entries: Entry[] }
  bus.calls.push(Entries)
  const answers = Entries.map(({ Detail }) =>
    bus.refuse.has(JSON.parse(Detail).id) ? { ErrorCode: 'InternalFailure', ErrorMessage: 'busy' } : { EventId: 'e' },
  )
  const refused = answers.filter(({ ErrorCode }) => ErrorCode).length
  return response.end(JSON.stringify({ FailedEntryCount: refused, Entries: answers }))
})

let account: Account
let announcer: Running

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  account = await openAccount([CHAIN])
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  announcer = await start('announcer', { ...account.env, AWS_ENDPOINT_URL_EVENTS: endpoint })
}, 120_000)
beforeEach(() => Object.assign(bus, { calls: [], refuse: new Set(), down: false }))
afterAll(async () => {
  await announcer?.kill()
  await account?.close()
  server.closeAllConnections()
  server.close()
})

let written = 0

/** Writes a record, and returns what the stream tells of it: the item as it is stored. */
async function decided(change: Partial<HistoryRecord> = {}, eventName = 'INSERT') {
  const record: HistoryRecord = {
    chain: CHAIN,
    id: `2026-11-29T03:12:07.412Z-${written++}`,
    at: AT,
    actor: { kind: 'baton', name: 'baton' },
    what: 'grant',
    term: 8,
    head: 1_204_331n,
    node: 'seq-b',
    reasons: [reason('no-block', { ageMs: 4_100 }, 'seq-a')],
    ...change,
  }
  await account.stores.history.append(record)
  const client = dynamoClient({ endpoint: endpointOf(account.env), timeoutMs: 5_000 })
  const Key = { chain: { S: record.chain }, id: { S: record.id } }
  const { Item } = await client.send(new GetItemCommand({ TableName: account.env.BATON_HISTORY_TABLE, Key }))
  client.destroy()
  return { eventName, dynamodb: { SequenceNumber: `${written}000`, NewImage: Item }, id: record.id }
}

const endpointOf = ({ AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }: Account['env']) =>
  AWS_ENDPOINT_URL_DYNAMODB.replace('http://', `http://${AWS_ACCESS_KEY_ID}:${AWS_SECRET_ACCESS_KEY}@`)

const announced = () => bus.calls.flat().map(({ Detail }) => JSON.parse(Detail))
const nothingFailed = { batchItemFailures: [] }

test('a decision is an event with its evidence, as the published schema says', async () => {
  expect(await announcer.invoke({ Records: [await decided()] })).toEqual(nothingFailed)
  expect([...bus.targets]).toEqual(['AWSEvents.PutEvents'])
  expect(bus.calls).toMatchObject([
    [{ Source: 'baton', DetailType: 'Baton decision', Time: Math.floor(AT / 1_000), Detail: expect.any(String) }],
  ])
  const [detail] = announced()
  expect(detail).toMatchObject({
    version: 1,
    baton: 'test',
    chain: CHAIN,
    at: '2026-11-29T03:12:07.412Z',
    what: 'grant',
    term: 8,
    head: 1_204_331,
    node: 'seq-b',
    summary: 'chain 901: grant seq-b by Baton: seq-a: no block for 4100 ms',
    reasons: [{ code: 'no-block', node: 'seq-a', text: 'seq-a: no block for 4100 ms', evidence: { ageMs: 4_100 } }],
  })
  expect(validate(detail), JSON.stringify(validate.errors)).toBe(true)
})

test('many decisions are sent in order, ten in a call', async () => {
  const records = []
  for (let i = 0; i < 23; i++) records.push(await decided({ actor: { kind: 'operator', name: 'ada' }, what: 'pause' }))
  expect(await announcer.invoke({ Records: records })).toEqual(nothingFailed)
  expect(bus.calls.map(({ length }) => length)).toEqual([10, 10, 3])
  expect(announced().map(({ id }) => id)).toEqual(records.map(({ id }) => id))
})

test('what the bus does not take comes again, with all that follow', async () => {
  const [first, second, third] = [await decided(), await decided(), await decided()]
  bus.refuse.add(second.id)
  const { SequenceNumber } = second.dynamodb
  expect(await announcer.invoke({ Records: [first, second, third] })).toEqual({
    batchItemFailures: [{ itemIdentifier: SequenceNumber }, { itemIdentifier: third.dynamodb.SequenceNumber }],
  })
  bus.down = true
  await expect(announcer.invoke({ Records: [first] })).rejects.toThrow(/Http503/)
})

test('an act that is counted up, and a record that expires, are no news; neither is one that cannot be read', async () => {
  const counted = await decided({ count: 7, lastAt: AT + 9_000 }, 'MODIFY')
  const expired = { eventName: 'REMOVE', dynamodb: { SequenceNumber: '1' } }
  const whole = await decided()
  const broken = { ...whole, dynamodb: { ...whole.dynamodb, NewImage: { chain: { S: CHAIN } } } }
  expect(await announcer.invoke({ Records: [counted, expired, broken, whole] })).toEqual(nothingFailed)
  expect(announced().map(({ id }) => id)).toEqual([whole.id])
})

test('more evidence than an event holds is cut and says so; the decision arrives', async () => {
  const reasons = Array.from({ length: 60 }, (_, i) => reason('start-failed', { message: `${i} ${'x'.repeat(5_000)}` }))
  expect(await announcer.invoke({ Records: [await decided({ reasons }), await decided()] })).toEqual(nothingFailed)
  const [detail] = announced()
  expect(detail).toMatchObject({ cut: true, what: 'grant', reasons: expect.any(Array) })
  expect(validate(detail), JSON.stringify(validate.errors)).toBe(true)
  expect(bus.calls.every((entries) => Buffer.byteLength(JSON.stringify(entries)) < 256_000)).toBe(true)
})
