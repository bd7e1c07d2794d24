import { expect, test } from 'vitest'
import { fence, grant } from '../../lib/protocol/grant.ts'
import { type Leader, leaderFeed } from '../../lib/serve/leader-feed.ts'
import { virtualFleet } from '../monitor/virtual-fleet.ts'

type Reported = Leader & { readonly at: number }

/** A fleet on virtual time, and what a listener of another process's feed receives, with the time. */
async function listened() {
  const fleet = virtualFleet()
  const { chain, heads, leases, clock } = fleet.ports
  const reads = { heads: 0, leases: 0 }
  const feed = leaderFeed({
    chain: chain.id,
    heads: {
      ...heads,
      read: (id) => {
        reads.heads++
        return heads.read(id)
      },
    },
    leases: {
      read: (id) => {
        reads.leases++
        return leases.read(id)
      },
    },
    clock,
  })
  const reported: Reported[] = []
  await fleet.begin()
  const fences: { at: number; term: number }[] = []
  const write = heads.write.bind(heads)
  heads.write = async (id, order) => {
    const before = (await heads.read(id))?.term
    const written = await write(id, order)
    if (written.applied && written.item.term !== before) fences.push({ at: clock.now(), term: written.item.term })
    return written
  }
  return {
    fleet,
    feed,
    reported,
    fences,
    reads,
    hear: (leader: Leader) => void reported.push({ ...leader, at: clock.now() }),
  }
}

test('a listener elsewhere learns of each move within a tenth of a second, in order and once', async () => {
  const { fleet, feed, reported, fences, hear } = await listened()
  feed.subscribe(hear)
  fleet.watch()
  await fleet.run(15_000)
  for (const name of ['ada', 'bob']) {
    fleet.kill(name)
    await fleet.run(10_000)
  }
  expect(reported.map(({ leader }) => leader)).toEqual([null, 'ada', 'bob', 'cyd'])
  expect(fences.length).toBe(3)
  for (const { at, term } of fences) {
    const heard = reported.find((each) => each.term === term)
    expect((heard?.at ?? Number.POSITIVE_INFINITY) - at).toBeLessThanOrEqual(100)
  }
  fleet.halt()
})

test('the process that moves the leader reports it at once', async () => {
  const { fleet, feed, reported, hear } = await listened()
  feed.subscribe(hear)
  await fleet.run(500)
  const at = fleet.now()
  await feed.heads.write('901', fence('bob', 1, at))
  expect(reported.at(-1)).toMatchObject({ leader: 'bob', term: 1, at, since: at })
  fleet.halt()
})

test('without a listener nothing is read, and a later listener gets what is so then', async () => {
  const { fleet, feed, reported, reads, hear } = await listened()
  await fleet.run(5_000)
  expect(reads).toEqual({ heads: 0, leases: 0 })
  const stop = feed.subscribe(hear)
  await fleet.run(2_000)
  expect(reads.leases).toBeGreaterThan(30)
  expect(reads.heads).toBeLessThan(6)
  stop()
  await fleet.run(200)
  const { leases } = reads
  await feed.heads.write('901', fence('cyd', 1, fleet.now()))
  await fleet.run(5_000)
  expect(reads.leases).toBe(leases)
  reported.splice(0)
  feed.subscribe(hear)
  await fleet.run(200)
  expect(reported).toMatchObject([{ leader: 'cyd', term: 1 }])
  fleet.halt()
})

test('a grant whose fence does not come costs a second of reads of the head, not more', async () => {
  const { fleet, feed, reads, hear } = await listened()
  feed.subscribe(hear)
  await fleet.run(500)
  const lease = await fleet.ports.leases.read('901')
  if (!lease) throw new Error('no lease')
  const order = {
    ...{ to: 'bob', cause: { code: 'operator', by: 'me' } as const, overLease: true },
    ...{ automatic: false, sameRound: false, leaseMs: 3_000 },
  } as const
  await fleet.ports.leases.write('901', grant(lease, order, fleet.now()))
  const before = reads.heads
  await fleet.run(10_000)
  expect(reads.heads - before).toBeLessThan(35)
  fleet.halt()
})

test('a store that fails is asked again, and no report comes meanwhile', async () => {
  const { fleet, feed, reported, hear } = await listened()
  feed.subscribe(hear)
  await fleet.run(1_000)
  const { leases } = fleet.ports
  const read = leases.read
  const count = reported.length
  leases.read = () => Promise.reject(new Error('gone'))
  await fleet.run(3_000)
  expect(reported.length).toBe(count)
  leases.read = read
  await fleet.ports.heads.write('901', fence('ada', 1, fleet.now()))
  await fleet.run(1_200)
  expect(reported.at(-1)).toMatchObject({ leader: 'ada' })
  fleet.halt()
})

test('a read that began before a move does not take it back', async () => {
  const { fleet, feed, reported, hear } = await listened()
  feed.subscribe(hear)
  await fleet.run(300)
  const { heads } = fleet.ports
  const before = await heads.read('901')
  let answer: () => void = () => {}
  const read = heads.read
  heads.read = () => new Promise((resolve) => (answer = () => resolve(before)))
  const { leases } = fleet.ports
  const readLease = leases.read
  leases.read = () => Promise.reject(new Error('denied'))
  const asked = feed.current()
  await fleet.run(1)
  heads.read = read
  leases.read = readLease
  await feed.heads.write('901', fence('bob', 1, fleet.now()))
  answer()
  expect(await asked).toMatchObject({ leader: 'bob' })
  expect(reported.at(-1)).toMatchObject({ leader: 'bob' })
  fleet.halt()
})

test('who asks again and again costs a read of the lease every 50 ms, and of the head every second', async () => {
  const { fleet, feed, reads } = await listened()
  for (let i = 0; i < 200; i++) {
    await feed.current()
    await fleet.run(10)
  }
  expect(reads.leases).toBeLessThanOrEqual(41)
  expect(reads.heads).toBeLessThanOrEqual(3)
  await feed.heads.write('901', fence('bob', 1, fleet.now()))
  expect(await feed.current()).toMatchObject({ leader: 'bob' })
  fleet.halt()
})

test('a feed that may not read the lease reports within a second', async () => {
  const { fleet, feed, reported, hear } = await listened()
  fleet.ports.leases.read = () => Promise.reject(new Error('denied'))
  feed.subscribe(hear)
  await fleet.run(500)
  await fleet.ports.heads.write('901', fence('bob', 1, fleet.now()))
  await fleet.run(1_100)
  expect(reported.map(({ leader }) => leader)).toEqual([null, 'bob'])
  fleet.halt()
})
