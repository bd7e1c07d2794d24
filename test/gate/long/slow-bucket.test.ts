import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_SPILL_BUDGET_MS } from '../../../lib/gate/context.ts'
import type { Gate } from '../../../lib/gate/handle.ts'
import type { Block } from '../../../lib/protocol/block.ts'
import { bucketObjects } from '../../../lib/store/objects/s3.ts'
import { type Slowness, slowBucket } from '../../store/slow-bucket.ts'
import { blockIn, blockOf, envelopeOf, randomTransactions } from '../payloads.ts'
import { commitAs, rig } from '../rig.ts'

const variables = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

async function gateOn(slowness: Slowness) {
  const bucket = await slowBucket(slowness)
  onTestFinished(bucket.close)
  const { endpoint } = bucket
  const objects = bucketObjects('b', 'us-east-1', { timeoutMs: DEFAULT_SPILL_BUDGET_MS, endpoint, variables })
  return { bucket, ...(await rig({ objects })) }
}

/** Calls until the block is committed, three times at most, as op-node does; the number of calls. */
async function commitAsOpNode(gate: Gate, envelope: object): Promise<number> {
  for (let calls = 1; ; calls++) {
    const answer = await commitAs(gate, 'a', envelope)
    if (answer.result === null) return calls
    if (calls === 3) throw new Error(answer.error?.message)
    await sleep(1_000 - DEFAULT_SPILL_BUDGET_MS)
  }
}

const large = (block: Block, bytes: number) => envelopeOf(block, { transactions: randomTransactions(bytes) })

// S3 promises no latency; AWS asks clients to wait for seconds with large objects before they try again.
test.each([
  { ms: 50, bytes: 400_000 },
  { ms: 200, bytes: 400_000 },
  { ms: 400, bytes: 400_000 },
  { ms: 50, bytes: 2_000_000 },
  { ms: 200, bytes: 2_000_000 },
  { ms: 400, bytes: 2_000_000 },
])('blocks of $bytes bytes are committed when S3 answers after $ms ms and loses requests', async ({ ms, bytes }) => {
  const { gate, head, bucket } = await gateOn({ ms, loses: (n) => n % 4 === 1 })
  let parentHash = blockOf(10).hash
  for (let number = 11; number <= 14; number++) {
    const envelope = large({ ...blockOf(number), parentHash }, bytes)
    parentHash = blockIn(envelope).hash
    await commitAsOpNode(gate, envelope)
  }
  expect(await head()).toMatchObject({ number: 14n, payloadRef: expect.stringMatching(/spill/) })
  expect(bucket.objects.size).toBe(4)
  expect(bucket.answers).toContain('lost')
})

test('a bucket that takes longer than a call has keeps no block out: the repeat finds the object', async () => {
  const { gate, head, bucket } = await gateOn({ ms: 1_300 })
  const envelope = large(blockOf(11), 400_000)
  expect(await commitAs(gate, 'a', envelope)).toMatchObject({ error: { data: { code: 'store-unavailable' } } })
  expect(await head()).toMatchObject({ number: 10n })
  await sleep(1_000 - DEFAULT_SPILL_BUDGET_MS)
  await commitAsOpNode(gate, envelope)
  expect(await head()).toMatchObject({ number: 11n })
  expect(bucket.objects.size).toBe(1)
})

test('a refusal of S3 is reported at once, and asked for no more than once', async () => {
  const { gate, bucket } = await gateOn({ ms: 0 })
  bucket.refuse(403, 'AccessDenied')
  expect(await commitAs(gate, 'a', large(blockOf(11), 400_000))).toMatchObject({
    error: { data: { code: 'store-unavailable' } },
  })
  expect(bucket.answers).toEqual([403])
})
