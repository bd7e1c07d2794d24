import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { getBlock } from '../../../lib/chain/block.ts'
import { planBackfill } from '../../../lib/operations/backfill/plan.ts'
import type { Progress } from '../../../lib/operations/backfill/range.ts'
import { runBackfill } from '../../../lib/operations/backfill/run.ts'
import { renderReason } from '../../../lib/protocol/reason.ts'
import { archiveKey } from '../../../lib/store/archive.ts'
import { packPayload } from '../../../lib/store/payload.ts'
import { serve } from '../../chain/rpc-server.ts'
import { type HandmadeChain, idOf, makeChain } from '../chain.ts'
import { type ExecutionProcess, startClient } from '../client.ts'
import { startConsensus } from '../consensus.ts'
import { type EngineProxy, proxyEngine, proxyExecution } from '../proxy.ts'
import { CHAIN, commitAll, commitOnly, fill, GONE, inMemory, openRig } from '../rig.ts'

// A client takes two seconds to start; on a busy machine ten.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const actor = { kind: 'operator', name: 'ada' } as const

let chain: HandmadeChain
let peer: ExecutionProcess
beforeAll(async () => {
  // One block with more transactions than one byte of an index can count.
  chain = await makeChain(60, (number) => (number === 21 ? 140 : number % 7 === 0 ? 3 : 0))
  peer = await startClient(chain.genesis)
  await fill(peer, chain, 60)
})
afterAll(() => peer.stop())

const payload = (number: number) => {
  const found = chain.payloads[number - 1]
  if (!found) throw new Error(`no payload ${number}`)
  return found
}

/** A fresh client that has the chain up to a block, behind a proxy. */
async function holed(
  upTo: number,
  answer?: Parameters<typeof proxyEngine>[1],
): Promise<{ client: ExecutionProcess; proxy: EngineProxy }> {
  const client = await startClient(chain.genesis)
  onTestFinished(() => client.stop())
  if (upTo > 0) await fill(client, chain, upTo)
  const proxy = await proxyEngine(client.engineUrl, answer)
  onTestFinished(() => proxy.close())
  return { client, proxy }
}

/** Committed are 60 blocks; `seq-a` is the full peer, `seq-b` the holed client. */
async function rig(
  { client, proxy }: { client: ExecutionProcess; proxy: EngineProxy },
  { archived = true, peered = true } = {},
) {
  const records = inMemory()
  if (archived) await commitAll(records, chain.payloads)
  else await commitOnly(records.stores, chain.payloads)
  const a = peered ? peer : { rpcUrl: GONE }
  const ports = await openRig([a, { ...client, engineUrl: proxy.url }], records)
  return { ports, ...records }
}

const given = (proxy: EngineProxy) => proxy.calls.flatMap(({ number }) => (number === undefined ? [] : [number]))
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i))

describe('a hole between what a client has and what is committed', () => {
  test('of 50 blocks is plugged from the archive, oldest first, and reported in the history', async () => {
    const node = await holed(10)
    const { ports, stores } = await rig(node, { peered: false })
    const plan = await planBackfill(ports, { node: 'seq-b' })
    expect(plan.gaps.above).toEqual([{ from: 11n, to: 60n, lacks: 'block' }])
    expect(plan.gaps.below).toEqual([])
    expect(plan.through).toBe('engine')
    expect(given(node.proxy)).toEqual([])

    const progress: Progress[] = []
    const ran = await runBackfill(ports, plan, { actor, onProgress: (now) => progress.push(now) })
    expect(ran).toMatchObject({ outcome: 'plugged', blocks: 50, given: { head: 1, archive: 49 } })
    expect(given(node.proxy)).toEqual(numbers(11, 60))
    expect(progress.map(({ number, done }) => [number, done])).toEqual([
      [11n, 1],
      [43n, 33],
      [60n, 50],
    ])
    expect(progress.at(-1)).toMatchObject({ total: 50, etaMs: 0 })

    const latest = await getBlock(node.client.execution, { tag: 'latest' })
    expect(latest?.hash).toBe(payload(60).executionPayload.blockHash)
    expect((await planBackfill(ports, { node: 'seq-b' })).range).toBeUndefined()
    const history = await stores.history.list(CHAIN)
    expect(history.map(({ what, actor: { name } }) => [what, name])).toEqual([
      ['backfill-done', 'ada'],
      ['backfill', 'ada'],
    ])
    const reported = history.flatMap(({ reasons }) => reasons.map(renderReason)).join('\n')
    expect(reported).toContain('blocks 11–60 are missing (50 in all)')
    expect(reported).toMatch(/50 blocks inserted in \d+ ms, from archive 49, head 1; block 60 0x/)
  })

  test('of 1 block, from a peer; and no further than asked', async () => {
    const node = await holed(58)
    const { ports } = await rig(node, { archived: false })
    const part = await planBackfill(ports, { node: 'seq-b', to: 59n, from: 10n })
    expect(part.range).toEqual({ from: 59n, to: 59n })
    expect(part.gaps.lookedFrom).toBe(10n)
    expect(await runBackfill(ports, part, { actor })).toMatchObject({ outcome: 'plugged', given: { 'seq-a': 1 } })
    const rest = await planBackfill(ports, { node: 'seq-b' })
    expect(await runBackfill(ports, rest, { actor })).toMatchObject({ blocks: 1, at: idOf(payload(60)) })
    expect(given(node.proxy)).toEqual([59n, 60n])
  })

  test('interrupted at a verified block, it goes on from there', async () => {
    const node = await holed(0)
    const { ports } = await rig(node)
    const stop = new AbortController()
    const first = await runBackfill(ports, await planBackfill(ports, { node: 'seq-b' }), {
      actor,
      signal: stop.signal,
      onProgress: ({ number }) => number > 20n && stop.abort(),
    })
    expect(first.outcome).toBe('interrupted')
    expect(first.blocks).toBeLessThan(40)
    const second = await runBackfill(ports, await planBackfill(ports, { node: 'seq-b' }), { actor })
    expect(second).toMatchObject({ outcome: 'plugged', blocks: 60 - first.blocks })
    expect(given(node.proxy)).toEqual(numbers(1, 60))
  })
})

describe('what the archive holds is checked before it is given to a client', () => {
  const bytesOf = {
    'another state root': () => packed(40, { stateRoot: `0x${'ab'.repeat(32)}` }),
    'a transaction left out': () => packed(42, { transactions: payload(42).executionPayload.transactions.slice(1) }),
    'another block': () => packPayload(JSON.stringify(payload(39))),
    'no payload': () => packPayload('{"executionPayload":{}}'),
    'bytes of a broken disk': async () => Buffer.from('not zstd at all'),
  }
  const packed = (number: number, change: object) =>
    packPayload(JSON.stringify({ executionPayload: { ...payload(number).executionPayload, ...change } }))

  test('each kind of corruption is found, named, and fetched elsewhere', async () => {
    const node = await holed(35)
    const { ports, objects, stores } = await rig(node)
    const keys = Object.values(bytesOf).map((_, i) => archiveKey(CHAIN, idOf(payload(40 + i * 2))))
    for (const [i, make] of Object.values(bytesOf).entries()) await objects.put(keys[i] ?? '', await make())

    const ran = await runBackfill(ports, await planBackfill(ports, { node: 'seq-b' }), { actor })
    expect(ran).toMatchObject({ outcome: 'plugged', blocks: 25, given: { head: 1, archive: 19, 'seq-a': 5 } })
    const findings = ran.findings.toSorted((a, b) => (a.place < b.place ? -1 : 1))
    expect(findings.map(({ source, place, kind }) => [source, place, kind])).toEqual(
      keys.map((key) => ['archive', key, 'corrupt']),
    )
    const [root, left, ...others] = findings
    expect(root).toMatchObject({ message: expect.stringContaining('its content hashes to 0x'), differs: ['stateRoot'] })
    expect(left).toMatchObject({ differs: ['transactions'] })
    expect(others.map(({ message }) => message).join()).toMatch(/it is block 39.*cannot read.*not zstd/)
    expect(given(node.proxy)).toEqual(numbers(36, 60))
    const [done] = await stores.history.list(CHAIN)
    expect(done?.reasons.map(renderReason).join()).toContain(
      `${keys[0]} holds a payload that is not the committed block`,
    )
  })

  test('with no other source, the block is reported missing and nothing above it is given', async () => {
    const node = await holed(38)
    const { ports, objects } = await rig(node, { peered: false })
    await objects.put(archiveKey(CHAIN, idOf(payload(40))), await packed(40, { gasUsed: '0x1' }))
    await expect(planBackfill(ports, { node: 'seq-b' })).rejects.toMatchObject({
      name: 'RangeUnavailableError',
      range: { from: 40n, to: 40n },
    })
    expect(given(node.proxy)).toEqual([])
  })
})

test('a range that no source has is reported exactly, and nothing is given', async () => {
  const node = await holed(15)
  const records = inMemory()
  await commitAll(records, [...chain.payloads.slice(0, 19), ...chain.payloads.slice(29)])
  const ports = await openRig([{ rpcUrl: GONE }, { ...node.client, engineUrl: node.proxy.url }], records)
  await expect(planBackfill(ports, { node: 'seq-b' })).rejects.toMatchObject({
    name: 'RangeUnavailableError',
    range: { from: 20n, to: 29n },
    message: expect.stringMatching(/no source has block 20–29 .*\(asked: head, seq-b, archive, seq-a\)/),
  })
  // A peer that has the headers proves the chain, but its bodies are gone: what is below is plugged.
  const headers = await proxyExecution(peer.rpcUrl, ({ method, params }) => {
    const hash = method === 'eth_getBlockByHash' && params[0]
    return chain.payloads.slice(19, 29).some(({ executionPayload }) => executionPayload.blockHash === hash)
  })
  onTestFinished(() => headers.close())
  const helped = await openRig([{ rpcUrl: headers.url }, { ...node.client, engineUrl: node.proxy.url }], records)
  const plan = await planBackfill(helped, { node: 'seq-b' })
  await expect(runBackfill(helped, plan, { actor })).rejects.toMatchObject({
    name: 'RangeUnavailableError',
    range: { from: 20n, to: 29n },
  })
  expect(given(node.proxy)).toEqual(numbers(16, 19))
  const [failed] = await records.stores.history.list(CHAIN)
  expect(failed?.reasons.map(renderReason).join()).toContain('ended after 4 blocks: no source has block 20–29')
})

describe('a client that lies', () => {
  let client: ExecutionProcess
  beforeAll(async () => {
    client = await startClient(chain.genesis)
    await fill(client, chain, 50)
  })
  afterAll(() => client.stop())

  /** The same client behind another liar. */
  async function behind(answer: Parameters<typeof proxyEngine>[1]) {
    const proxy = await proxyEngine(client.engineUrl, answer)
    onTestFinished(() => proxy.close())
    const opened = await rig({ client, proxy })
    return { ...opened, proxy, plan: await planBackfill(opened.ports, { node: 'seq-b' }) }
  }

  const status = (status: string, validationError: string | null = null) => ({
    status,
    latestValidHash: null,
    validationError,
  })
  const asPayload = (method: string) => (method.startsWith('engine_newPayload') ? status('VALID') : undefined)
  const asForkchoice = (method: string) =>
    method.startsWith('engine_forkchoice') ? { payloadStatus: status('VALID'), payloadId: null } : undefined

  test.each([
    ['VALID without executing', asPayload, /it has no block 51.*SYNCING/],
    ['VALID for everything, and nothing done', (m: string) => asPayload(m) ?? asForkchoice(m), /it has no block 51/],
    ['a forkchoice without effect', asForkchoice, /(it has no block 51|its newest block is 50)/],
  ])('%s: found at the first block, and reported', async (_, lie, observed) => {
    const { ports, plan, proxy, stores } = await behind(lie)
    await expect(runBackfill(ports, plan, { actor, stallMs: 1_000 })).rejects.toMatchObject({
      name: 'EngineLiedError',
      block: idOf(payload(51)),
      message: expect.stringMatching(new RegExp(`seq-b answered VALID for block 51 .*, but ${observed.source}`)),
    })
    expect(given(proxy)).toEqual([51n])
    expect((await stores.history.list(CHAIN)).map(({ what }) => what)).toEqual(['backfill-failed', 'backfill'])
  })

  test('SYNCING for ever is no progress, and ends', async () => {
    const { ports, plan } = await behind((m) => (m.startsWith('engine_newPayload') ? status('SYNCING') : undefined))
    const started = Date.now()
    await expect(runBackfill(ports, plan, { actor, stallMs: 1_000 })).rejects.toMatchObject({
      name: 'NoProgressError',
      message: expect.stringContaining('SYNCING'),
    })
    expect(Date.now() - started).toBeLessThan(8_000)
  })

  test('INVALID for a committed block is reported with its reason, at once', async () => {
    const invalid = status('INVALID', 'wrong fork')
    const { ports, plan } = await behind((m) => (m.startsWith('engine_newPayload') ? invalid : undefined))
    await expect(runBackfill(ports, plan, { actor })).rejects.toMatchObject({
      name: 'PayloadRefusedError',
      message: expect.stringContaining('wrong fork'),
    })
  })
})

describe('refused, and nothing is given', () => {
  test.each([
    ['an unknown node', { node: 'seq-x' }, 'RefusedActError', 'no node "seq-x"'],
    ['a block above the head', { node: 'seq-b', to: 61n }, 'RefusedActError', 'above the committed head 60'],
    ['op-node that is gone', { node: 'seq-b', through: 'consensus' }, 'RefusedActError', 'does not answer'],
    ['no engine access', { node: 'seq-a', through: 'engine' }, 'RefusedActError', 'no engine access'],
  ] as const)('%s', async (_, request, name, message) => {
    const records = inMemory()
    await commitAll(records, chain.payloads)
    const ports = await openRig([{ rpcUrl: peer.rpcUrl }, peer], records)
    await expect(planBackfill(ports, request)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    })
  })

  test('the leader, whose op-node is silent: it may be alive', async () => {
    const records = inMemory()
    await commitAll(records, chain.payloads)
    const silent = await serve(() => {})
    const ports = await openRig([{ ...peer, consensus: silent }, peer], records)
    await expect(planBackfill(ports, { node: 'seq-a' })).rejects.toMatchObject({
      remedy: expect.stringContaining('it holds the head'),
      name: 'RefusedActError',
      message: 'the op-node of seq-a may be alive: no answer in time',
    })
  })

  test('a chain without a head', async () => {
    const ports = await openRig([peer, peer], inMemory())
    await expect(planBackfill(ports, { node: 'seq-b' })).rejects.toMatchObject({
      message: expect.stringContaining('nothing is known to be committed'),
    })
  })

  test('a node on another branch', async () => {
    const other = await makeChain(45, () => 0)
    const client = await startClient(other.genesis)
    onTestFinished(() => client.stop())
    await fill(client, other, 45)
    const records = inMemory()
    await commitAll(records, chain.payloads)
    const ports = await openRig([peer, client], records)
    await expect(planBackfill(ports, { node: 'seq-b' })).rejects.toMatchObject({
      name: 'NotAnAncestorError',
      block: { number: 45n },
    })
  })
})

describe('through op-node, which moves the forkchoice itself', () => {
  let client: ExecutionProcess
  beforeAll(async () => {
    client = await startClient(chain.genesis)
    await fill(client, chain, 5)
  })
  afterAll(() => client.stop())

  async function behindOpNode(engine = true) {
    const consensus = await startConsensus(client)
    onTestFinished(() => consensus.close())
    const records = inMemory()
    await commitAll(records, chain.payloads)
    const access = engine ? client : { rpcUrl: client.rpcUrl }
    const ports = await openRig([peer, { ...access, consensus: consensus.url }], records)
    return { consensus, ports }
  }

  test('a node that sequences is left alone', async () => {
    const { consensus, ports } = await behindOpNode()
    consensus.sequencing = true
    await expect(planBackfill(ports, { node: 'seq-b' })).rejects.toMatchObject({
      name: 'RefusedActError',
      message: 'seq-b sequences: its head is its own',
    })
  })

  test('while it runs, no other operation uses the engine', async () => {
    const { ports } = await behindOpNode()
    expect((await planBackfill(ports, { node: 'seq-b' })).through).toBe('consensus')
    await expect(planBackfill(ports, { node: 'seq-b', through: 'engine' })).rejects.toMatchObject({
      name: 'RefusedActError',
      message: 'the op-node of seq-b runs: two would move the forkchoice of one engine',
    })
  })

  test('that forgets everything for ever is no progress, and ends', async () => {
    const { consensus, ports } = await behindOpNode(false)
    consensus.forgets = true
    const plan = await planBackfill(ports, { node: 'seq-b' })
    await expect(runBackfill(ports, plan, { actor, stallMs: 1_000 })).rejects.toMatchObject({
      name: 'NoProgressError',
      message: expect.stringMatching(/at block 6 .*it was posted, and it has no block 6/),
    })
  })

  test('a hole is plugged oldest first, and what it forgot is posted again', async () => {
    const { consensus, ports } = await behindOpNode(false)
    consensus.forgets = true
    const running = runBackfill(ports, await planBackfill(ports, { node: 'seq-b' }), { actor })
    while (consensus.posted.length < 32) await new Promise((resolve) => setTimeout(resolve, 20))
    consensus.forgets = false
    expect(await running).toMatchObject({ outcome: 'plugged', blocks: 55, at: idOf(payload(60)) })
    expect(consensus.posted.slice(0, 32)).toEqual(numbers(6, 37))
    expect(consensus.posted.slice(32, 64)).toEqual(numbers(6, 37))
    expect(consensus.posted.slice(-23)).toEqual(numbers(38, 60))
  })
})
