import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import { dropSwitchover, quarantine, requestSwitchover, setMode } from '../../lib/protocol/control.ts'
import { fence, followHead, grant, renew } from '../../lib/protocol/grant.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { Head, HistoryRecord, Lease } from '../../lib/protocol/records.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { childOf, genesis } from './blocks.ts'
import { type Database, dynalite, dynamoDbLocal, dynoxide, refereeMissing } from './databases.ts'

type Opened = { readonly stores: Stores; close(): Promise<void> }

async function onDatabase(start: () => Promise<Database>): Promise<Opened> {
  const database = await start()
  const client = dynamoClient({ endpoint: database.endpoint, timeoutMs: 15_000 })
  await createTables(client)
  return {
    stores: dynamoStores(client, undefined, { timeoutMs: 15_000 }),
    async close() {
      client.destroy()
      await database.stop()
    },
  }
}

contract('memory', async () => ({ stores: memoryStores(), close: async () => {} }))
contract('dynoxide', () => onDatabase(dynoxide))
contract('dynalite', () => onDatabase(dynalite))
contract('DynamoDB Local', () => onDatabase(dynamoDbLocal), refereeMissing)

/** What every implementation of the stores must do. Each test has a chain of its own. */
function contract(name: string, open: () => Promise<Opened>, missing?: string) {
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(title, () => {
    let opened: Opened
    let stores: Stores
    let chain = ''
    let chains = 0
    beforeAll(async () => {
      opened = await open()
      stores = opened.stores
    })
    afterAll(() => opened?.close())

    const newChain = () => {
      chain = `${name}-${chains++}`
      return chain
    }
    const seeded = async (leader = 'ada') => {
      newChain()
      await stores.heads.write(chain, seedHead(genesis, 0, 5))
      await stores.heads.write(chain, fence(leader, 1, 6))
    }
    const bytes = (size = 100) => new Uint8Array(randomBytes(size))

    describe('heads', () => {
      test('no head', async () => {
        newChain()
        expect(await stores.heads.read(chain)).toBeUndefined()
        expect(await stores.heads.readWithPayload(chain)).toBeUndefined()
        const write = commit('ada', childOf(genesis), { payload: bytes() }, 1)
        expect(await stores.heads.commit(chain, write)).toEqual({ applied: false, old: undefined })
      })

      test('seed: once', async () => {
        newChain()
        const first = await stores.heads.write(chain, seedHead(genesis, 0, 5))
        const head: Head = { chain, ...genesis, leader: '', term: 0, committedTerm: 0, committedAt: 5, fencedAt: 5 }
        expect(first).toEqual({ applied: true, item: head })
        expect(await stores.heads.write(chain, seedHead(childOf(genesis), 0, 9))).toEqual({ applied: false, old: head })
        expect(await stores.heads.read(chain)).toEqual(head)
      })

      test('fence: terms grow, the same leader may repeat', async () => {
        await seeded('ada')
        expect(await stores.heads.write(chain, fence('ada', 1, 7))).toMatchObject({ applied: true })
        expect(await stores.heads.write(chain, fence('bob', 1, 7))).toMatchObject({ applied: false })
        expect(await stores.heads.write(chain, fence('bob', 0, 7))).toMatchObject({ applied: false })
        const fenced = await stores.heads.write(chain, fence('bob', 3, 8))
        expect(fenced).toMatchObject({ applied: true, item: { ...genesis, leader: 'bob', term: 3, committedTerm: 0 } })
      })

      test('commit: the child of the head, by the leader', async () => {
        await seeded()
        const block = { ...childOf(genesis), l1Origin: { number: 7n, hash: genesis.hash } }
        const payload = bytes()
        expect(await stores.heads.commit(chain, commit('ada', block, { payload }, 9))).toEqual({ applied: true })
        const head = { chain, ...block, leader: 'ada', term: 1, committedTerm: 1, committedAt: 9, fencedAt: 6 }
        expect(await stores.heads.read(chain)).toEqual(head)
        expect(await stores.heads.readWithPayload(chain)).toEqual({ ...head, payload })
      })

      test.each([
        ['by another node', 'bob', childOf(genesis)],
        ['a sibling of the head', 'ada', { ...genesis, hash: childOf(genesis).hash }],
        ['above the next', 'ada', childOf(childOf(genesis))],
        ['of another parent', 'ada', { ...childOf(genesis), parentHash: childOf(genesis).hash }],
        ['the number of another height', 'ada', { ...childOf(genesis), number: 150n }],
      ])('commit refused: %s', async (_, node, block) => {
        await seeded()
        const before = await stores.heads.readWithPayload(chain)
        const write = commit(node, block, { payload: bytes() }, 9)
        expect(await stores.heads.commit(chain, write)).toEqual({ applied: false, old: before })
        expect(await stores.heads.readWithPayload(chain)).toEqual(before)
      })

      test('commit sent again: refused by the item that holds it, payload included', async () => {
        await seeded()
        const block = childOf(genesis)
        const payload = bytes()
        await stores.heads.commit(chain, commit('ada', block, { payload }, 9))
        const again = await stores.heads.commit(chain, commit('ada', block, { payload }, 10))
        expect(again).toMatchObject({ applied: false, old: { hash: block.hash, payload, committedAt: 9 } })
      })

      test('commit copies the term of that moment', async () => {
        await seeded()
        const first = childOf(genesis)
        await stores.heads.commit(chain, commit('ada', first, { payload: bytes() }, 9))
        const fenced = await stores.heads.write(chain, fence('bob', 2, 10))
        expect(fenced).toMatchObject({ item: { ...first, term: 2, committedTerm: 1 } })
        await stores.heads.commit(chain, commit('bob', childOf(first), { payload: bytes() }, 11))
        expect(await stores.heads.read(chain)).toMatchObject({ term: 2, committedTerm: 2 })
      })

      test('payload and reference replace each other; an absent origin is removed', async () => {
        await seeded()
        const first = { ...childOf(genesis), l1Origin: { number: 7n, hash: genesis.hash } }
        await stores.heads.commit(chain, commit('ada', first, { payloadRef: 'a/b' }, 9))
        expect(await stores.heads.readWithPayload(chain)).toMatchObject({ payloadRef: 'a/b' })
        const payload = bytes()
        await stores.heads.commit(chain, commit('ada', childOf(first), { payload }, 10))
        const head = await stores.heads.readWithPayload(chain)
        expect(head).toMatchObject({ payload })
        expect(head).not.toHaveProperty('payloadRef')
        expect(head).not.toHaveProperty('l1Origin')
        const third = childOf(childOf(first))
        await stores.heads.commit(chain, commit('ada', third, { payloadRef: 'c' }, 11))
        expect(await stores.heads.readWithPayload(chain)).not.toHaveProperty('payload')
      })

      test('numbers beyond what a double holds', async () => {
        newChain()
        const high = { ...genesis, number: 2n ** 63n + 1n, timestamp: 2n ** 61n + 1n }
        await stores.heads.write(chain, seedHead(high, 0, Date.now()))
        await stores.heads.write(chain, fence('ada', 1, 6))
        expect(await stores.heads.commit(chain, commit('ada', childOf(high), { payload: bytes() }, 9))).toEqual({
          applied: true,
        })
        expect(await stores.heads.read(chain)).toMatchObject({ number: 2n ** 63n + 2n, timestamp: 2n ** 61n + 3n })
      })

      test('a payload just under the limit of an item', async () => {
        await seeded()
        const payload = bytes(348_000)
        expect(await stores.heads.commit(chain, commit('ada', childOf(genesis), { payload }, 9))).toEqual({
          applied: true,
        })
        expect((await stores.heads.readWithPayload(chain))?.payload).toEqual(payload)
      })

      test('a race has one winner', async () => {
        await seeded()
        const tries = Array.from({ length: 20 }, (_, i) =>
          stores.heads.commit(chain, commit('ada', childOf(genesis, `${i}`), { payload: bytes() }, i)),
        )
        const results = await Promise.all(tries)
        const winner = results.findIndex(({ applied }) => applied)
        expect(results.filter(({ applied }) => applied)).toHaveLength(1)
        const { hash } = childOf(genesis, `${winner}`)
        for (const result of results) if (!result.applied) expect(result.old?.hash).toBe(hash)
      })
    })

    describe('leases', () => {
      const first = async (): Promise<Lease> => {
        const by = { kind: 'baton', name: 'baton' } as const
        const written = await stores.leases.write(newChain(), seedLease('', 0, by, 1000))
        if (!written.applied) throw new Error('not seeded')
        return written.item
      }

      test('seed: once', async () => {
        const lease = await first()
        expect(await stores.leases.read(chain)).toEqual(lease)
        const by = { kind: 'operator', name: 'eve' } as const
        expect(await stores.leases.write(chain, seedLease('x', 0, by, 2000))).toEqual({ applied: false, old: lease })
      })

      test('grant: one of two wins, and the pending switchover is consumed', async () => {
        const lease = await first()
        const switchover = { id: 's1', to: 'bob', notBefore: 0, by: 'eve', force: false }
        const asked = await stores.leases.write(chain, requestSwitchover(lease, switchover))
        expect(asked).toMatchObject({ applied: true, item: { switchover } })
        expect(await stores.leases.write(chain, requestSwitchover(lease, switchover))).toMatchObject({ applied: false })
        const to = (node: string, orders = 1) =>
          grant(
            { ...lease, orders },
            {
              to: node,
              cause: { code: 'switchover', by: 'eve' },
              overLease: true,
              automatic: true,
              sameRound: false,
              leaseMs: 50,
            },
            2000,
          )
        expect(await stores.leases.write(chain, to('cyd', 0))).toMatchObject({ applied: false })
        const results = await Promise.all([
          stores.leases.write(chain, to('ada')),
          stores.leases.write(chain, to('bob')),
        ])
        expect(results.filter(({ applied }) => applied)).toHaveLength(1)
        const now = await stores.leases.read(chain)
        expect(now).toMatchObject({ term: 1, previousLeader: '', expiresAt: 2050, grants: [2000] })
        expect(now).not.toHaveProperty('switchover')
      })

      test('grant: waits for the lease to end', async () => {
        const seeded = await first()
        const renewed = await stores.leases.write(chain, renew(seeded, 500, 1500))
        expect(renewed).toMatchObject({ applied: true, item: { expiresAt: 2000, armedAt: 1500 } })
        const lease = { ...seeded, expiresAt: 2000 }
        const wish = {
          to: 'ada',
          cause: { code: 'stalled', by: 'baton' },
          overLease: false,
          automatic: false,
          sameRound: false,
          leaseMs: 50,
        } as const
        expect(await stores.leases.write(chain, grant(lease, wish, 2000))).toMatchObject({ applied: false })
        expect(await stores.leases.write(chain, grant(lease, wish, 2001))).toMatchObject({ applied: true })
      })

      test('control: mode, quarantine, dropped switchover, a head that is ahead', async () => {
        const lease = await first()
        await stores.leases.write(chain, setMode(lease, 'hold', 'eve', 3000))
        const ordered = (orders: number) => ({ ...lease, orders })
        const bob = { since: 1, why: 'forked', by: 'eve' }
        expect(await stores.leases.write(chain, quarantine(lease, 'bob', bob))).toMatchObject({ applied: false })
        await stores.leases.write(chain, quarantine(ordered(1), 'bob', bob))
        await stores.leases.write(
          chain,
          requestSwitchover(ordered(2), { id: 's', notBefore: 0, by: 'eve', force: true }),
        )
        await stores.leases.write(chain, dropSwitchover(ordered(3), { outcome: 'withdrawn', by: 'eve' }))
        const decidedBefore = grant(
          { ...lease, orders: 3 },
          {
            to: 'ada',
            cause: { code: 'switchover', by: 'eve' },
            overLease: true,
            automatic: false,
            sameRound: false,
            leaseMs: 50,
          },
          3500,
        )
        expect(await stores.leases.write(chain, decidedBefore), 'a withdrawal is an order').toMatchObject({
          applied: false,
        })
        const held = await stores.leases.read(chain)
        expect(held).toMatchObject({ mode: 'hold', modeBy: 'eve', quarantine: { bob: { why: 'forked' } } })
        expect(held).not.toHaveProperty('switchover')
        const ahead = await stores.leases.write(chain, followHead(lease, { leader: 'cyd', term: 4 }, 4000))
        expect(ahead).toMatchObject({ applied: true, item: { leader: 'cyd', term: 4, mode: 'hold' } })
        expect(await stores.leases.write(chain, setMode(lease, 'auto', 'eve', 5000))).toMatchObject({ applied: false })
      })
    })

    describe('history', () => {
      const record = (id: string): HistoryRecord => ({
        chain,
        id,
        at: Date.now(),
        actor: { kind: 'operator', name: 'eve' },
        what: 'grant',
        term: 3,
        head: 2n ** 60n,
        node: 'ada',
        reasons: [reason('late', { number: '7', lateMs: 1.5, soft: false }, 'bob'), reason('all-failed')],
      })

      test('newest first, by pages, written twice is written once', async () => {
        newChain()
        const records = ['2026-01-01#a', '2026-01-01#b', '2026-01-02#a', '2026-01-03#a'].map(record)
        for (const each of [...records, ...records.slice(0, 1)]) await stores.history.append(each)
        expect(await stores.history.list(chain)).toEqual(records.toReversed())
        expect(await stores.history.list(chain, { limit: 2 })).toEqual([records[3], records[2]])
        expect(await stores.history.list(chain, { limit: 2, before: '2026-01-02#a' })).toEqual([records[1], records[0]])
        expect(await stores.history.list('nobody')).toEqual([])
      })
    })

    describe('monitor lease', () => {
      test('one owner at a time', async () => {
        const { acquire: hold, read, release } = stores.monitorLease
        const at = newChain()
        expect(await read(at)).toBeUndefined()
        expect(await hold(at, 'm1', 100, 1000)).toEqual({ owner: 'm1', until: 1100, since: 1000 })
        expect(await hold(at, 'm2', 100, 1100)).toEqual({ owner: 'm1', until: 1100, since: 1000 })
        expect(await hold(at, 'm1', 100, 1050)).toEqual({ owner: 'm1', until: 1150, since: 1000 })
        expect(await hold(at, 'm2', 100, 1151)).toEqual({ owner: 'm2', until: 1251, since: 1151 })
        await release(at, 'm1')
        expect(await read(at)).toEqual({ owner: 'm2', until: 1251, since: 1151 })
        await release(at, 'm2')
        expect(await hold(at, 'm1', 100, 1152)).toEqual({ owner: 'm1', until: 1252, since: 1152 })
      })

      test('who waits is noted in the lease of the holder, and forgotten when another takes it', async () => {
        const { acquire: hold, read, wait } = stores.monitorLease
        const at = newChain()
        await hold(at, 'm1', 100, 1000)
        await wait(at, 'm2', 'm1', 1200)
        const waiting = { owner: 'm2', until: 1200 }
        expect(await hold(at, 'm1', 100, 1050)).toEqual({ owner: 'm1', until: 1150, since: 1000, waiting })
        await wait(at, 'm3', 'gone', 1300)
        expect(await read(at)).toMatchObject({ waiting })
        expect(await hold(at, 'm2', 100, 1151)).toEqual({ owner: 'm2', until: 1251, since: 1151 })
      })

      test('what an owner hands on is there until another takes the lease', async () => {
        const { acquire: hold, read, release } = stores.monitorLease
        const at = newChain()
        await hold(at, 'm1', 100, 1000)
        await release(at, 'm2', { bob: { peer: 'p', age: 1 } })
        expect(await read(at)).toEqual({ owner: 'm1', until: 1100, since: 1000 })
        await release(at, 'm1', { bob: { peer: 'p', age: 60_000 } })
        const proved = { by: 'm1', ways: { bob: { peer: 'p', age: 60_000 } } }
        expect(await read(at)).toEqual({ owner: 'm1', until: 0, since: 1000, proved })
        expect(await hold(at, 'm2', 100, 1151)).toEqual({ owner: 'm2', until: 1251, since: 1151 })
      })

      test('a race has one winner', async () => {
        const at = newChain()
        const owners = Array.from({ length: 10 }, (_, i) => `m${i}`)
        const leases = await Promise.all(owners.map((owner) => stores.monitorLease.acquire(at, owner, 100, 1000)))
        expect(new Set(leases.map(({ owner }) => owner)).size).toBe(1)
      })

      test('its item does not pass for a lease', async () => {
        const at = newChain()
        await stores.monitorLease.acquire(at, 'm1', 100, 1000)
        expect(await stores.leases.read(at)).toBeUndefined()
      })
    })
  })
}
