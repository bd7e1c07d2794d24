import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { DEFAULT_SPILL_BUDGET_MS } from '../../lib/gate/context.ts'
import { bucketObjects } from '../../lib/store/objects/s3.ts'
import { blockIn, blockOf, envelopeOf, randomTransactions } from '../gate/payloads.ts'
import { commitAs, rig } from '../gate/rig.ts'
import { slowBucket } from '../store/slow-bucket.ts'

// Commits of blocks too large for the head item, on a bucket that is slow and loses one request in twenty: how long
// op-node waits for each, and how many calls it takes. Blocks that are not committed within ten calls end the run.

const LATENCIES = [50, 200, 400]
const SIZES = [400_000, 2_000_000]
const BLOCKS = Number(process.env.BLOCKS ?? 60)
const MOST_CALLS = 10

const variables = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
const head = [
  'tx bytes',
  'S3 ms',
  'blocks',
  'committed',
  'by the first call',
  'p50 ms',
  'p99 ms',
  'p99 / S3',
  'PUTs a block',
]
const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => 'right') })

for (const bytes of SIZES) for (const ms of LATENCIES) table.push(await measure(bytes, ms))
console.log(table.toString())

async function measure(bytes: number, ms: number): Promise<string[]> {
  const bucket = await slowBucket({ ms, loses: (n) => n % 20 === 7 })
  const { endpoint } = bucket
  const objects = bucketObjects('b', 'us-east-1', { timeoutMs: DEFAULT_SPILL_BUDGET_MS, endpoint, variables })
  const { gate } = await rig({ objects })
  const [waits, calls]: [number[], number[]] = [[], []]
  let parentHash = blockOf(10).hash
  for (let number = 11; number < 11 + BLOCKS; number++) {
    const block = { ...blockOf(number), parentHash }
    const envelope = envelopeOf(block, { transactions: randomTransactions(bytes) })
    parentHash = blockIn(envelope).hash
    const began = performance.now()
    let count = 1
    while ((await commitAs(gate, 'a', envelope)).result !== null) {
      if (count++ === MOST_CALLS) throw new Error(`block ${number} was not committed in ${MOST_CALLS} calls`)
      await sleep(1_000 - DEFAULT_SPILL_BUDGET_MS)
    }
    waits.push(performance.now() - began)
    calls.push(count)
  }
  bucket.close()
  const first = calls.filter((count) => count === 1).length
  const p99 = quantile(waits, 0.99)
  return [
    bytes.toLocaleString('en'),
    String(ms),
    String(BLOCKS),
    String(waits.length),
    String(first),
    quantile(waits, 0.5).toFixed(0),
    p99.toFixed(0),
    (p99 / ms).toFixed(1),
    (bucket.answers.length / BLOCKS).toFixed(2),
  ]
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
