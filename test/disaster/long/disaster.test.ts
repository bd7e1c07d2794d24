import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { leaveToOpConductor } from '../../../lib/operations/disaster/leave.ts'
import { placeHead } from '../../../lib/operations/disaster/place-head.ts'
import { surveyChain } from '../../../lib/operations/disaster/survey.ts'
import { formatSurvey } from '../../../lib/operations/disaster/text.ts'
import { setQuarantine } from '../../../lib/operator/quarantine.ts'
import type { Hash } from '../../../lib/protocol/block.ts'
import { memoryStores } from '../../../lib/store/memory/stores.ts'
import type { Stores } from '../../../lib/store/stores.ts'
import { type Stage, setStage } from '../../monitor/stage.ts'

let stage: Stage
let ports: ChainPorts

beforeEach(async () => {
  stage = await setStage()
  stage.monitor()
  ports = stage.ports
  await stage.leads((leader) => leader === 'ada')
  await stage.until('some blocks', () => stage.committed.length > 3)
})
afterEach(() => stage.close())

const wrong: Hash = `0x${'ab'.repeat(32)}`
const head = () => ports.heads.read('901')

/** Takes every record away under the running chain, as a table that was deleted and created again. */
function empty({ keepLease }: { keepLease: boolean }): void {
  const fresh: Stores = memoryStores()
  Object.assign(ports.heads, fresh.heads)
  if (!keepLease) Object.assign(ports.leases, fresh.leases)
}

describe('the head is gone', () => {
  test.each([{ keepLease: true }, { keepLease: false }])(
    'nothing is invented; named by hash it is there again, and the chain goes on: %o',
    async (how) => {
      empty(how)
      await stage.until('seen', async () => (await head()) === undefined)
      await ports.clock.sleep(1_500)
      expect(await head(), 'no head is made up').toBeUndefined()

      const survey = await surveyChain(ports)
      const newest = stage.committed.at(-1)
      expect(survey.best?.block.hash).toBe(newest?.hash)
      expect(formatSurvey(survey)).toContain(`the votes are for block ${newest?.number}`)
      await expect(placeHead(ports, { hash: wrong, by: 'ann' })).rejects.toThrow(
        'neither a node nor the archive has block',
      )
      const below = stage.committed.at(-3)?.hash ?? ''
      await expect(placeHead(ports, { hash: below, by: 'ann' })).rejects.toThrow(
        'committed blocks or more would be given up',
      )
      expect(await head()).toBeUndefined()

      const term = survey.term
      await placeHead(ports, { hash: newest?.hash ?? '', by: 'ann' })
      const from = stage.committed.length
      await stage.leads(() => true)
      await stage.until('blocks', () => stage.committed.length > from + 2)
      expect((await head())?.term).toBeGreaterThan(term)
      await stage.until('armed again', async () => ((await ports.leases.read('901'))?.armedAt ?? 0) > 0)
      const record = (await ports.history.list('901')).find(({ what }) => what === 'place-head')
      expect(record?.actor).toEqual({ kind: 'operator', name: 'ann' })
    },
    30_000,
  )
})

test('a cold start: from the named block, on the named node', async () => {
  // No node sequences and none is granted: the chain stands.
  await setQuarantine(ports, 'bob', 'test', 'ann')
  await setQuarantine(ports, 'cyd', 'test', 'ann')
  await stage.chain.node('ada').kill('host')
  const { number = 0n } = (await head()) ?? {}
  await stage.until('cyd has it', async () => {
    const { consensus } = await ports.port('cyd').observe(undefined)
    return consensus.ok && consensus.value.unsafe.number === number
  })
  const below = stage.committed.at(-3)?.hash ?? ''
  const before = await head()
  await expect(placeHead(ports, { hash: below, to: 'cyd', by: 'ann', againstVote: true })).rejects.toThrow(
    'it could not be started there',
  )
  expect(await head()).toEqual(before)

  await placeHead(ports, { hash: before?.hash ?? '', to: 'cyd', by: 'ann', againstVote: true })
  expect(await stage.leads((leader) => leader === 'cyd')).toBe('cyd')
  const from = stage.committed.length
  await stage.until('blocks', () => stage.committed.length > from + 2)
}, 20_000)

test('handed over: at a block boundary, with no leader, and Baton keeps out of it', async () => {
  await expect(leaveToOpConductor(ports, { hash: wrong, by: 'ann' })).rejects.toThrow('not one of the newest')
  expect((await ports.leases.read('901'))?.mode).toBe('auto')
  const recent = stage.committed.at(-2)?.hash ?? ''
  const last = await leaveToOpConductor(ports, { hash: recent, by: 'ann' })
  await ports.clock.sleep(1_500)
  expect(await head()).toMatchObject({ leader: '', hash: last.hash })
  expect(stage.committed.at(-1)?.hash).toBe(last.hash)
  expect((await ports.leases.read('901'))?.mode).toBe('paused')
}, 20_000)
