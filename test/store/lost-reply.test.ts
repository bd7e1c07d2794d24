import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { commit, judgeRefusal } from '../../lib/protocol/commit.ts'
import { dropSwitchover, requestSwitchover } from '../../lib/protocol/control.ts'
import { fence, grant } from '../../lib/protocol/grant.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { packPayload } from '../../lib/store/payload.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { childOf, genesis } from './blocks.ts'

let database: EmbeddedDatabase
let stores: Stores
let direct: Stores
/** Replies that will be lost on their way back; the requests arrive. */
let lost = 0

const network = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port: database.port, path: url, method, headers }, (answer) => {
    if (lost > 0) {
      lost--
      answer.resume()
      return
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(outgoing)
  })
  incoming.pipe(onward)
})

beforeAll(async () => {
  database = await startEmbeddedDatabase()
  network.listen(0, '127.0.0.1')
  await once(network, 'listening')
  const client = dynamoClient({ endpoint: database.endpoint })
  await createTables(client)
  direct = dynamoStores(client)
  const onTheWay = new URL(database.endpoint)
  onTheWay.port = String((network.address() as AddressInfo).port)
  stores = dynamoStores(dynamoClient({ endpoint: onTheWay.href }))
})
afterAll(async () => {
  network.closeAllConnections()
  network.close()
  await database?.stop()
})

const by = { kind: 'baton', name: 'baton' } as const
const wish = (to: string) => ({
  to,
  cause: { code: 'operator', by: 'eve' } as const,
  overLease: true,
  automatic: false,
  sameRound: false,
  leaseMs: 1,
})

async function seedLeaseOf(chain: string) {
  const seeded = await direct.leases.write(chain, seedLease('', 0, by, 0))
  if (!seeded.applied) throw new Error('not seeded')
  return seeded.item
}

test('a commit: the second try is refused by its own block', async () => {
  await direct.heads.write('a', seedHead(genesis, 0, 0))
  await direct.heads.write('a', fence('ada', 1, 0))
  const block = childOf(genesis)
  lost = 1
  const committed = await stores.heads.commit('a', commit('ada', block, { payload: new Uint8Array(9) }, 1))
  expect(committed).toMatchObject({ applied: false, old: { hash: block.hash } })
  expect(committed.applied || judgeRefusal('ada', block, committed.old)).toEqual({ outcome: 'repeated' })
})

test('a grant and an operator’s request: the second try finds its own write and says so', async () => {
  const lease = await seedLeaseOf('b')
  lost = 1
  const asked = await stores.leases.write(
    'b',
    requestSwitchover(lease, { id: 's', to: 'ada', notBefore: 1, by: 'eve', force: false }),
  )
  expect(asked).toMatchObject({ applied: true, item: { switchover: { id: 's' } } })
  lost = 1
  const seen = { ...lease, orders: 1 }
  const granted = await stores.leases.write('b', grant(seen, wish('ada'), 5))
  expect(granted).toMatchObject({ applied: true, item: { leader: 'ada', term: 1 } })
})

test('the seed of a chain, whose payload is bytes: the second try finds its own write', async () => {
  lost = 1
  const payload = await packPayload('{"executionPayload":{}}')
  expect(await stores.heads.write('g', seedHead(genesis, 0, 0, payload))).toMatchObject({ applied: true })
})

test('a second try refused by another process’s write is refused', async () => {
  const lease = await seedLeaseOf('c')
  await direct.leases.write('c', grant(lease, wish('bob'), 4))
  lost = 1
  expect(await stores.leases.write('c', grant(lease, wish('ada'), 5))).toMatchObject({
    applied: false,
    old: { leader: 'bob' },
  })
})

test('a second try of a write that only removes is refused if in doubt', async () => {
  const lease = await seedLeaseOf('f')
  await direct.leases.write('f', grant(lease, wish('bob'), 4))
  lost = 1
  expect(await stores.leases.write('f', dropSwitchover(lease, { outcome: 'withdrawn', by: 'eve' }))).toMatchObject({
    applied: false,
  })
})

test('a first try refused by an equal write is refused: two that ask at once do not both get a yes', async () => {
  const lease = await seedLeaseOf('d')
  await direct.leases.write('d', grant(lease, wish('ada'), 5))
  expect(await stores.leases.write('d', grant(lease, wish('ada'), 5))).toMatchObject({ applied: false })
})

test('no reply at all: an error, and the next try reports what happened', async () => {
  await direct.heads.write('e', seedHead(genesis, 0, 0))
  await direct.heads.write('e', fence('ada', 1, 0))
  const block = childOf(genesis)
  const write = commit('ada', block, { payload: new Uint8Array(9) }, 1)
  lost = 2
  await expect(stores.heads.commit('e', write)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  lost = 0
  const again = await stores.heads.commit('e', write)
  expect(again.applied || judgeRefusal('ada', block, again.old)).toEqual({ outcome: 'repeated' })
})
