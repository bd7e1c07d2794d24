import { expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { createEngineClient } from '../../lib/chain/engine/client.ts'
import { findGaps } from '../../lib/operations/backfill/gaps.ts'
import { blockJson } from '../../lib/simulator/chain/block-json.ts'
import { methodNotFound, serveRpc } from '../chain/rpc-server.ts'
import { makeChain } from './chain.ts'

const { payloads } = await makeChain(300, () => 0)

/** What a client is left with: each is asked of a block's number. */
type Left = {
  readonly latest: number
  readonly stored: (number: number) => boolean
  readonly state: (number: number) => boolean
  readonly receipts?: (number: number) => boolean
  readonly bodies?: (number: number) => boolean
  /** It answers of blocks below this one that they were pruned, in these words. */
  readonly pruned?: { readonly below: number; readonly error: { code: number; message: string } }
}

/** A client as op-geth answers after a crash (facts: tried on real binaries). */
async function clientWith({ latest, stored, state, receipts, bodies, pruned }: Left) {
  let requests = 0
  const { url, requests: seen } = await serveRpc((method, params) => {
    requests++
    const [first, second] = params as [string, string | number]
    const number = (tag: unknown) => (tag === 'latest' ? latest : Number(tag))
    const gone = method !== 'engine_getPayloadBodiesByRangeV1' && pruned && number(second ?? first) < pruned.below
    const past = pruned && method !== 'eth_getBalance' && number(first) < pruned.below
    if (pruned && (past || (gone && method === 'eth_getBalance'))) return { error: pruned.error }
    if (method === 'eth_getBlockByNumber') {
      const at = number(first)
      const envelope = payloads[at - 1]
      return { result: envelope && stored(at) ? blockJson(envelope) : null }
    }
    if (method === 'eth_getBalance') {
      return state(number(second))
        ? { result: '0x0' }
        : { error: { code: -32000, message: 'missing trie node 5e5e (path )' } }
    }
    if (method === 'eth_getBlockReceipts') {
      return receipts ? { result: receipts(Number(first)) ? [] : null } : methodNotFound(method)
    }
    if (method === 'engine_getPayloadBodiesByRangeV1' && bodies) {
      const numbers = Array.from({ length: Number(second) }, (_, i) => Number(first) + i)
      return { result: numbers.map((at) => (bodies(at) ? { transactions: [] } : null)) }
    }
    return methodNotFound(method)
  })
  const client = {
    execution: createNodeClient(url, { timeoutMs: 5_000 }),
    ...(bodies && { engine: createEngineClient(url, new Uint8Array(32)) }),
  }
  return { client, http: () => seen.length, calls: () => requests }
}

const to = (number: number) => (at: number) => at <= number

test('nothing is missing', async () => {
  const { client } = await clientWith({ latest: 300, stored: to(300), state: to(300) })
  const gaps = await findGaps(client, 300n)
  expect(gaps).toMatchObject({ anchor: { number: 300n }, above: [], below: [], lookedFrom: 236n })
})

test('what was flushed without its state, and what is gone altogether', async () => {
  // Blocks 1–255 stored, the head fell to 200: the case of a crash with the path scheme.
  const { client, http } = await clientWith({ latest: 200, stored: to(255), state: to(200) })
  const gaps = await findGaps(client, 300n)
  expect(gaps.latest.number).toBe(200n)
  expect(gaps.anchor).toEqual({ number: 200n, hash: payloads[199]?.executionPayload.blockHash })
  expect(gaps.above).toEqual([
    { from: 201n, to: 255n, lacks: 'state' },
    { from: 256n, to: 300n, lacks: 'block' },
  ])
  expect(http()).toBeLessThan(20)
})

test('a head whose own state is lost: what is built on is further down', async () => {
  const { client } = await clientWith({ latest: 300, stored: to(300), state: to(142) })
  const gaps = await findGaps(client, 300n)
  expect(gaps.anchor.number).toBe(142n)
  expect(gaps.above).toEqual([{ from: 143n, to: 300n, lacks: 'state' }])
})

test('no state anywhere is reported', async () => {
  const { client } = await clientWith({ latest: 300, stored: to(300), state: () => false })
  await expect(findGaps(client, 300n)).rejects.toMatchObject({ name: 'NoStateFoundError' })
})

test('bodies and receipts missing below the head, each range exactly', async () => {
  const bodies = (at: number) => at !== 250 && at !== 251 && at !== 290
  const receipts = (at: number) => at !== 251 && at !== 260
  for (const engine of [true, false]) {
    const { client } = await clientWith({
      latest: 300,
      stored: engine ? to(300) : bodies,
      state: to(300),
      receipts,
      ...(engine && { bodies }),
    })
    const { below } = await findGaps(client, 300n, 240n)
    expect(below).toEqual([
      { from: 250n, to: 251n, lacks: 'block' },
      { from: 290n, to: 290n, lacks: 'block' },
      { from: 260n, to: 260n, lacks: 'receipts' },
    ])
  }
})

test.each([
  { code: 4444, message: 'pruned history unavailable' },
  { code: -32000, message: 'block is pruned' },
  { code: -32603, message: 'History has been pruned: see http://docs.example/4444?key=hunter2' },
])('history that was pruned is reported, and is no hole: $message', async (error) => {
  for (const engine of [true, false]) {
    const { client } = await clientWith({
      latest: 300,
      stored: to(300),
      state: to(250),
      receipts: to(300),
      pruned: { below: 220, error },
      ...(engine && { bodies: (at) => at >= 220 }),
    })
    const gaps = await findGaps(client, 300n, 1n)
    expect(gaps).toMatchObject({ anchor: { number: 250n }, below: [], prunedBelow: 220n })
    expect(gaps.above).toEqual([{ from: 251n, to: 300n, lacks: 'state' }])
  }
})

test('what is missing above the pruned history still is', async () => {
  const error = { code: 4444, message: 'pruned history unavailable' }
  const stored = (at: number) => at < 260 || at > 262
  const { client } = await clientWith({ latest: 300, stored, state: to(300), pruned: { below: 20, error } })
  const gaps = await findGaps(client, 300n, 1n)
  expect(gaps).toMatchObject({ prunedBelow: 20n, below: [{ from: 260n, to: 262n, lacks: 'block' }] })
})

test('a failure to answer names no URL', async () => {
  const { client } = await clientWith({ latest: 300, stored: to(300), state: to(300) })
  const { url } = await serveRpc(() => ({ error: { code: -32000, message: 'no' } }))
  for (const at of [url, 'http://ada:hunter2@127.0.0.1:2']) {
    const failing = findGaps(
      { ...client, execution: createNodeClient(at.replace('://127', '://ada:hunter2@127')) },
      300n,
    )
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(String((error as Error).stack)).not.toMatch(/hunter2|http:/)
  }
})

test('silence is not taken for a lost state', async () => {
  const { client } = await clientWith({ latest: 300, stored: to(300), state: to(300) })
  const dead = createNodeClient('http://127.0.0.1:2')
  await expect(findGaps({ ...client, execution: dead }, 300n)).rejects.not.toMatchObject({ name: 'NoStateFoundError' })
})
