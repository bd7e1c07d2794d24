import { beforeEach, describe, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { closeToAll } from '../../../lib/operations/disaster/close.ts'
import { type Overriding, overrideLeader } from '../../../lib/operations/disaster/override.ts'
import { placeHead } from '../../../lib/operations/disaster/place-head.ts'
import { formatRecords } from '../../../lib/operations/disaster/text.ts'
import { OVERRIDDEN } from '../../../lib/protocol/quarantine.ts'
import type { Head } from '../../../lib/protocol/records.ts'
import { switchedStores } from '../../../lib/simulator/drills/set-stage.ts'
import { chainArchive } from '../../../lib/store/archive.ts'
import { CorruptRecordError } from '../../../lib/store/errors.ts'
import type { Stage } from '../../monitor/stage.ts'
import { eachStanding, headOf, stop } from '../standing.ts'

let stage: Stage
let ports: ChainPorts

eachStanding((made) => {
  stage = made
  ports = made.ports
})

/** The store does not answer so many calls, and then it does. */
const failing = (calls: number): ChainPorts => ({ ...ports, ...switchedStores(ports, () => calls-- > 0) })
const archived = async (number: bigint) => (await chainArchive(ports.objects, '901').hashesAt(number)) ?? []
const lease = () => ports.leases.read('901')
const publishes = (name: string, above: bigint) =>
  stage.until(`${name} publishes`, async () => (await ports.port(name).unsafe()).number > above + 1n)

describe('a store that does not answer', () => {
  // Three reads are all that is asked of it while the confirmation is checked.
  test.each([1, 3])('%d times is no lost one: no node can commit, and Baton is paused', async (calls) => {
    const { hash, number } = await headOf(stage)
    const records = await overrideLeader(failing(calls), { node: 'bob', hash, by: 'ann' })
    expect(records.left).toBe('closed')
    expect(await headOf(stage)).toMatchObject({ leader: '', hash })
    expect(await lease()).toMatchObject({ mode: 'paused', quarantine: { bob: { why: OVERRIDDEN } } })
    await publishes('bob', number)
  })

  test('at all: the node publishes, and the result says that Baton is not paused', async () => {
    const { hash, number } = await headOf(stage)
    const records = await overrideLeader(failing(Number.POSITIVE_INFINITY), { node: 'bob', hash, by: 'ann' })
    expect(records).toMatchObject({ left: 'open', paused: false })
    expect(formatRecords(records)).toContain('Baton is NOT paused')
    await publishes('bob', number)
  })

  test('for the heads alone: Baton is paused, and the result says that the head is not closed', async () => {
    const { hash } = await headOf(stage)
    const { heads } = failing(Number.POSITIVE_INFINITY)
    const records = await overrideLeader({ ...ports, heads }, { node: 'bob', hash, by: 'ann' })
    expect(formatRecords(records)).toContain('Baton is paused, but the head could not be closed')
    expect((await lease())?.mode).toBe('paused')
    const recorded = (await ports.history.list('901')).map(({ what }) => what)
    expect(recorded, 'what was done is recorded').toContain('pause')
  })

  test('and then has another head: no node publishes without commits, and the error says what was done', async () => {
    stage.chain.node('bob').isolate()
    const { hash, number } = await headOf(stage)
    await ports.port('ada').start(hash)
    await stage.until('another block', async () => (await headOf(stage)).number > number)
    await stop(stage, [])
    const override = overrideLeader(failing(3), { node: 'bob', hash, by: 'ann', againstVote: true })
    await expect(override).rejects.toMatchObject({
      name: 'UnfinishedActError',
      message: expect.stringMatching(/is not the committed head any more.*every other sequencer was stopped/),
    })
    expect((await lease())?.mode).toBe('auto')
    expect((await ports.port('bob').unsafe()).hash).toBe(hash)
  })

  describe('and the node lacks the last block', () => {
    const silent = Number.POSITIVE_INFINITY
    let old: Head
    beforeEach(async () => {
      stage.chain.node('bob').isolate()
      old = await headOf(stage)
      await ports.port('ada').start(old.hash)
      await stage.until('another block', async () => (await headOf(stage)).number > old.number)
      await stop(stage, [])
    })
    const override = (more: Partial<Overriding> = {}) =>
      overrideLeader(failing(silent), { node: 'bob', hash: old.hash, by: 'ann', ...more })

    test('which another has: refused', async () => {
      await expect(override()).rejects.toMatchObject({
        name: 'RefusedActError',
        message: expect.stringMatching(/^ada has block \d+ 0x\w+, bob only/),
      })
      expect((await ports.port('bob').unsafe()).hash).toBe(old.hash)
    })

    test('which is in the archive alone: refused', async () => {
      await stage.until('archived', async () => (await archived(old.number + 1n)).length > 0)
      await stage.chain.node('ada').kill('consensus')
      await stage.chain.node('cyd').kill('consensus')
      await expect(override()).rejects.toThrow(/^the archive has block/)
    })

    test('and the operator insists: it publishes', async () => {
      await override({ againstVote: true })
      await publishes('bob', old.number)
    })
  })
})

test('a record that cannot be read is not a missing one: nothing is done', async () => {
  const { hash } = await headOf(stage)
  const before = await lease()
  const readWithPayload = async () => {
    throw new CorruptRecordError('heads/901', 'no number')
  }
  const broken = { ...ports, heads: { ...ports.heads, readWithPayload } }
  await expect(overrideLeader(broken, { node: 'bob', hash, by: 'ann' })).rejects.toThrow(CorruptRecordError)
  expect(await lease()).toEqual(before)
})

test('a head that moved is not taken from its leader', async () => {
  const old = await headOf(stage)
  await ports.port('ada').start(old.hash)
  await stage.until('another block', async () => (await headOf(stage)).number > old.number)
  await expect(closeToAll(ports, old, 'bob', 'ann')).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringContaining('Baton is paused and bob is put aside'),
  })
  expect(await headOf(stage)).toMatchObject({ leader: 'ada', term: old.term })
})

test('the node fails at the override itself: the error says what was done before', async () => {
  const { hash } = await headOf(stage)
  const refusing = { ...ports.port('bob'), override: () => Promise.reject(new Error('connection reset')) }
  const port: ChainPorts['port'] = (name) => (name === 'bob' ? refusing : ports.port(name))
  await expect(overrideLeader({ ...ports, port }, { node: 'bob', hash, by: 'ann' })).rejects.toMatchObject({
    name: 'UnfinishedActError',
    message: expect.stringMatching(/; every other sequencer was stopped, Baton is paused$/),
  })
})

describe('while another node publishes without commits', () => {
  const asked = async (node: string, by: string) => ({ node, by, hash: (await headOf(stage)).hash, againstVote: true })

  test('a second override is refused, and changes nothing', async () => {
    await overrideLeader(ports, await asked('bob', 'ann'))
    const before = await lease()
    await expect(overrideLeader(ports, await asked('cyd', 'bea'))).rejects.toMatchObject({
      name: 'RefusedActError',
      message: 'bob publishes without commits, by order of ann',
      remedy: expect.stringContaining('baton disaster return'),
    })
    expect(await lease()).toEqual(before)
    expect((await ports.port('bob').observe(undefined)).consensus).toMatchObject({ value: { sequencing: true } })
  })

  test('of two in the same moment one is refused: never do two nodes publish', async () => {
    const both = [await asked('bob', 'ann'), await asked('cyd', 'bea')].map((each) => overrideLeader(ports, each))
    const ended = await Promise.allSettled(both)
    expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const out = Object.values((await lease())?.quarantine ?? {})
    expect(out.map(({ kind }) => kind)).toEqual(['override'])
  })

  test('no other node is granted by a cold start', async () => {
    await overrideLeader(ports, await asked('bob', 'ann'))
    const placing = placeHead(ports, { ...(await asked('bob', 'bea')), to: 'cyd' })
    await expect(placing).rejects.toThrow('bob publishes without commits, by order of ann')
    expect((await lease())?.switchover).toBeUndefined()
  })
})
