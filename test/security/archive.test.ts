import { zstdCompressSync } from 'node:zlib'
import { describe, expect, type TestContext, test } from 'vitest'
import { setStage } from '../../lib/simulator/drills/set-stage.ts'
import type { Stage } from '../../lib/simulator/drills/stage.ts'
import { archiveKey, chainArchive } from '../../lib/store/archive.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { spillKey } from '../../lib/store/payload.ts'
import { blockOf } from '../gate/payloads.ts'

const MEGA = 1_000_000
/** Two hundred megabytes of spaces: a few kilobytes packed. */
const bomb = zstdCompressSync(Buffer.alloc(200 * MEGA, ' '))
const another = { blockNumber: '0x1', blockHash: `0x${'11'.repeat(32)}`, parentHash: `0x${'22'.repeat(32)}` }

/** What an attacker who can write to the object store could put there. */
const planted = {
  'a decompression bomb': bomb,
  'a bomb in a bomb': zstdCompressSync(bomb),
  'what is not zstd': Buffer.from('not zstd'),
  nothing: Buffer.alloc(0),
  'another block': zstdCompressSync(Buffer.from(JSON.stringify(another))),
  'text without a block': zstdCompressSync(Buffer.from('{}')),
} as const

test('a bomb ends at the limit of a payload, not at what it holds', async () => {
  const objects = memoryObjects()
  const block = blockOf(11)
  await objects.put(archiveKey('901', block), bomb)
  let peak = 0
  const before = process.memoryUsage().rss
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss - before)
  }, 1)
  await expect(chainArchive(objects, '901').get(block)).rejects.toMatchObject({ code: 'payload-too-large' })
  clearInterval(timer)
  expect(Math.max(peak, process.memoryUsage().rss - before)).toBeLessThan(150 * MEGA)
})

describe.concurrent('a failover does not hang on what the archive holds', { timeout: 40_000 }, () => {
  test.for(Object.entries(planted).map(([what, bytes]) => ({ what, bytes })))(
    '$what: a peer is asked instead',
    async ({ bytes }, { expect, onTestFinished }) => {
      const stage = await poison(bytes, onTestFinished)
      await stage.node('ada').kill('host')
      expect(await stage.takenOver('ada')).toBe('bob')
      expect(await stage.blocks(2)).toBe(true)
    },
  )

  test('a bomb, and no other node to ask: that node is passed over and the next one leads', async ({
    expect,
    onTestFinished,
  }) => {
    const stage = await poison(bomb, onTestFinished)
    await stage.node('cyd').kill('execution')
    await stage.node('ada').kill('host')
    await stage.within(8, async () => (await stage.granted()).includes('bob'))
    await stage.node('cyd').restart('execution')
    expect(await stage.blocks(2, 40)).toBe(true)
  })

  test("the head's own payload is a bomb: a peer is asked", async ({ expect, onTestFinished }) => {
    const { stage, close } = await setStage()
    onTestFinished(close)
    const { heads, chain, objects } = stage.ports
    stage.chain.batcher.running = false
    stage.node('bob').isolate()
    await stage.blocks(2)
    // A peer can only be asked for a block that it has.
    const cyd = stage.ports.port('cyd')
    await stage.within(8, async () => (await cyd.unsafe()).hash === (await stage.head())?.hash)
    await stage.node('ada').kill('host')
    const head = await stage.head()
    if (!head) throw new Error('a head is needed')
    const payloadRef = spillKey(chain.id, head)
    await objects.put(payloadRef, bomb)
    await objects.put(archiveKey(chain.id, head), bomb)
    const when = { is: '=', field: 'hash', value: head.hash } as const
    await heads.write(chain.id, { set: { payloadRef }, remove: ['payload'], when })
    expect(await stage.takenOver('ada')).toBe('bob')
    expect(await stage.blocks(2)).toBe(true)
  })
})

/** A chain whose standby bob is some blocks behind and has no peers, with every archived payload replaced. */
async function poison(bytes: Uint8Array, onTestFinished: TestContext['onTestFinished']): Promise<Stage> {
  const { stage, close } = await setStage()
  onTestFinished(close)
  stage.chain.batcher.running = false
  stage.node('bob').isolate()
  await stage.blocks(3)
  await stage.begin()
  const { objects, chain } = stage.ports
  for (const block of stage.acknowledged) await objects.put(archiveKey(chain.id, block), bytes)
  return stage
}
