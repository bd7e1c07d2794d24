import { planBackfill } from '../../lib/backfill/plan.ts'
import { runBackfill } from '../../lib/backfill/run.ts'
import { makeChain } from '../backfill/chain.ts'
import { type ExecutionProcess, startClient } from '../backfill/client.ts'
import { commitAll, inMemory, openRig } from '../backfill/rig.ts'

// Blocks per second of a whole backfill (payloads from the archive, each checked, the head verified by
// looking) against a bare loop that does nothing but the engine calls a backfill cannot do without. Both on
// a fresh @ethereumjs/client, in turns, so that a busy machine is busy for both. Goal: a ratio of 0.9.

const [blocks, rounds] = [Number(process.argv[2] ?? 600), Number(process.argv[3] ?? 3)]
/** As often as a backfill moves the head. */
const EVERY = 32

const chain = await makeChain(blocks)
const { payloads } = chain

/** The calls alone: one keep-alive connection, a token made once, answers not even parsed. */
async function bareLoop({ engineUrl }: ExecutionProcess): Promise<void> {
  const { signToken } = await import('../../lib/chain/engine/token.ts')
  const secret = Buffer.from('5e'.repeat(32), 'hex')
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${signToken(secret, Date.now())}` }
  const call = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = await (await fetch(engineUrl, { method: 'POST', headers, body })).text()
    if (!answer.includes('"VALID"')) throw new Error(answer)
  }
  for (const [i, { executionPayload }] of payloads.entries()) {
    await call('engine_newPayloadV2', [executionPayload])
    if ((i + 1) % EVERY === 0 || i + 1 === blocks) {
      const none = `0x${'00'.repeat(32)}`
      const state = { headBlockHash: executionPayload.blockHash, safeBlockHash: none, finalizedBlockHash: none }
      await call('engine_forkchoiceUpdatedV3', [state, null])
    }
  }
}

async function backfill(client: ExecutionProcess): Promise<void> {
  const records = inMemory()
  await commitAll(records, payloads)
  const ports = await openRig([{ rpcUrl: 'http://127.0.0.1:2' }, client], records)
  started = performance.now()
  const plan = await planBackfill(ports, { node: 'seq-b' })
  const ran = await runBackfill(ports, plan, { actor: { kind: 'operator', name: 'bench' } })
  if (ran.blocks !== blocks) throw new Error(`${ran.blocks} blocks instead of ${blocks}`)
}

let started = 0
async function measure(what: (client: ExecutionProcess) => Promise<void>): Promise<number> {
  const client = await startClient(chain.genesis)
  try {
    started = performance.now()
    await what(client)
    return (blocks / (performance.now() - started)) * 1000
  } finally {
    await client.stop()
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const rates: { bare: number; ours: number }[] = []
for (let round = 1; round <= rounds; round++) {
  const bare = await measure(bareLoop)
  const ours = await measure(backfill)
  rates.push({ bare, ours })
  console.log(
    `round ${round}: bare ${bare.toFixed(1)} blocks/s, backfill ${ours.toFixed(1)} blocks/s, ratio ${(ours / bare).toFixed(2)}`,
  )
}
const [bare, ours] = [median(rates.map((rate) => rate.bare)), median(rates.map((rate) => rate.ours))]
console.log(
  `median of ${rounds}: bare loop ${bare.toFixed(1)} blocks/s, backfill ${ours.toFixed(1)} blocks/s, ratio ${(ours / bare).toFixed(2)}`,
)
