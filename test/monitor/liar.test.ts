import { afterEach, beforeEach, expect, test } from 'vitest'
import { pause, resume } from '../../lib/operator/modes.ts'
import { readPayload } from '../../lib/store/payload.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await setStage({ behindFronts: true })
})
afterEach(() => stage.close())

type Ref = { number: number; timestamp: number }
type Status = { head_l1: Ref; current_l1: Ref; unsafe_l2: Ref; safe_l2: Ref; finalized_l2: Ref }

/** From now on this node's sync status is what `lie` makes of it. */
function liesAbout(node: string, lie: (status: Status) => void): void {
  const front = stage.fronts[node]?.consensus
  if (!front) throw new Error(`no front before ${node}`)
  front.rewrite = (text) => {
    const body: unknown = JSON.parse(text)
    for (const { result } of Array.isArray(body) ? body : [body]) if (result?.head_l1) lie(result)
    return JSON.stringify(body)
  }
}

const MOST = 2 ** 52

test.each<[string, (status: Status) => void]>([
  ['its L1 heads', ({ head_l1, current_l1 }) => [head_l1, current_l1].map((ref) => Object.assign(ref, far))],
  ['its L1 times, in ms', ({ head_l1 }) => Object.assign(head_l1, { timestamp: Date.now() })],
  ['its newest block', ({ unsafe_l2 }) => Object.assign(unsafe_l2, { number: MOST })],
  ['its newest block, by three', ({ unsafe_l2 }) => Object.assign(unsafe_l2, { number: unsafe_l2.number + 3 })],
  [
    'its safe and final blocks',
    ({ safe_l2, finalized_l2 }) => [safe_l2, finalized_l2].map((ref) => Object.assign(ref, far)),
  ],
])('what cyd says of %s keeps bob from nothing', async (_, lie) => {
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  liesAbout('cyd', lie)
  const from = stage.committed.length
  await stage.until('two blocks', () => stage.committed.length >= from + 2)
  await stage.chain.node('ada').kill('host')
  expect(await stage.leads((leader) => leader !== 'ada')).toBe('bob')
  await stage.until('two more', () => stage.committed.filter(({ node }) => node === 'bob').length >= 2)
  expect(monitor.latest()?.decision.sharedCause).toBeUndefined()
})

const far = { number: MOST, timestamp: MOST }

test('a number above the head is reported, and by whom', async () => {
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  liesAbout('cyd', ({ unsafe_l2 }) => Object.assign(unsafe_l2, { number: unsafe_l2.number + 3 }))
  const paged = () => monitor.latest()?.decision.page[0]
  await stage.until('a page', () => paged()?.code === 'unproved')
  expect(paged()?.node).toBe('cyd')
  expect(monitor.latest()?.decision.verdicts.find(({ node }) => node === 'cyd')?.eligible).toBe(false)
})

test('a block that is there, published without a commit, still stops everything', async () => {
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await pause(stage.ports, 'ann')
  await stage.chain.node('ada').kill('host')
  // A commit that was on its way is written after the kill.
  await stage.ports.clock.sleep(500)
  const head = await stage.ports.heads.readWithPayload('901')
  if (!head) throw new Error('there is no head')
  const bob = stage.ports.port('bob')
  await bob.post(await readPayload(stage.ports.objects, head))
  await stage.until('bob has the head', async () => (await bob.unsafe()).hash === head.hash)
  // No other node takes bob's blocks.
  stage.chain.node('bob').isolate()
  await bob.override?.()
  await stage.until('bob publishes', async () => {
    await bob.start(head.hash)
    return (await bob.unsafe()).number > head.number
  })
  await resume(stage.ports, 'ann')
  await expect
    .poll(() => monitor.latest()?.decision, { timeout: 20_000 })
    .toMatchObject({ condition: 'halted', page: [{ code: 'commits-missing' }] })
  expect((await stage.ports.heads.read('901'))?.hash).toBe(head.hash)
})
