import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { signToken } from '../../lib/chain/engine/client.ts'
import type { Envelope } from '../../lib/chain/envelope.ts'
import { planBackfill } from '../../lib/operations/backfill/plan.ts'
import { runBackfill } from '../../lib/operations/backfill/run.ts'
import { makeChain } from '../backfill/chain.ts'
import { type ExecutionProcess, SECRET, startClient } from '../backfill/client.ts'
import { commitAll, GONE, inMemory, openRig } from '../backfill/rig.ts'

// Blocks per second of a whole backfill (plan, payloads from the archive, each hashed, the head verified by
// looking) against a bare loop that does nothing but the engine calls a backfill cannot do without. Each has a
// process and a fresh @ethereumjs/client of its own, and they take turns: a backfill hashes payloads while the
// client executes, which it can only where a core is free. Goal: a ratio of 0.9.

const [, , blocksText = '600', roundsText = '3', side] = process.argv
const blocks = Number(blocksText)
/** As often as a backfill moves the head. */
const EVERY = 32

/** The calls alone: a token made once, answers not even parsed. */
async function bareLoop({ engineUrl }: ExecutionProcess, payloads: readonly Envelope[]): Promise<void> {
  const authorization = `Bearer ${signToken(Buffer.from(SECRET, 'hex'), Date.now())}`
  const call = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const headers = { 'content-type': 'application/json', authorization }
    const answer = await (await fetch(engineUrl, { method: 'POST', headers, body })).text()
    if (!answer.includes('"VALID"')) throw new Error(answer)
  }
  const none = `0x${'00'.repeat(32)}`
  for (const [i, { executionPayload }] of payloads.entries()) {
    await call('engine_newPayloadV2', [executionPayload])
    if ((i + 1) % EVERY !== 0 && i + 1 < payloads.length) continue
    const { blockHash: headBlockHash } = executionPayload
    await call('engine_forkchoiceUpdatedV3', [{ headBlockHash, safeBlockHash: none, finalizedBlockHash: none }, null])
  }
}

/** Runs one side in this process: says when it is ready, waits for the start, reports its milliseconds. */
async function runSide(which: string): Promise<void> {
  const chain = await makeChain(blocks)
  const client = await startClient(chain.genesis)
  const records = inMemory()
  await commitAll(records, chain.payloads)
  const ports = await openRig([{ rpcUrl: GONE }, client], records)
  const backfill = async () => {
    const ran = await runBackfill(ports, await planBackfill(ports, { node: 'seq-b' }), {
      actor: { kind: 'operator', name: 'bench' },
    })
    if (ran.blocks !== blocks) throw new Error(`${ran.blocks} blocks instead of ${blocks}`)
  }
  process.send?.('ready')
  await once(process, 'message')
  const started = performance.now()
  await (which === 'bare' ? bareLoop(client, chain.payloads) : backfill())
  process.send?.(performance.now() - started)
  await client.stop()
  process.disconnect()
}

const sides = ['bare', 'ours'] as const
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** One side alone, in a process of its own; returns its blocks per second. */
async function measure(which: (typeof sides)[number]): Promise<number> {
  const child = fork(import.meta.filename, [blocksText, roundsText, which])
  await reported(child)
  const ended = reported(child)
  child.send('go')
  const rate = (blocks / Number(await ended)) * 1000
  if (child.exitCode === null) await once(child, 'exit')
  return rate
}

async function compare(): Promise<void> {
  const ratios: number[] = []
  for (let round = 1; round <= Number(roundsText); round++) {
    // Who goes first changes, so that a machine that becomes slower is slower for both.
    const order = round % 2 === 1 ? sides : sides.toReversed()
    const rates = { bare: 0, ours: 0 }
    for (const which of order) rates[which] = await measure(which)
    const { bare, ours } = rates
    ratios.push(ours / bare)
    const reported = `bare loop ${bare.toFixed(1)} blocks/s, backfill ${ours.toFixed(1)} blocks/s`
    console.log(`round ${round}: ${reported}, ratio ${(ours / bare).toFixed(2)}`)
  }
  console.log(`${blocks} blocks, median of ${ratios.length} rounds: ratio ${median(ratios).toFixed(2)}`)
}

/** The next message of a child; its end before that is an error. */
async function reported(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a side ended with code ${code}`)
  })
  ended.catch(() => {})
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message
}

await (side === undefined ? compare() : runSide(side))
