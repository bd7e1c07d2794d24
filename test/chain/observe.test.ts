import { padHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { observe } from '../../lib/chain/observe.ts'
import { closedUrl, methodNotFound, type Reply, serve, serveRpc } from './rpc-server.ts'

const hashOf = (n: number) => padHex(`0x${n.toString(16)}`, { size: 32 })
const l1 = (number: number) => ({
  hash: hashOf(number),
  number,
  parentHash: hashOf(number - 1),
  timestamp: 1000 + number,
})
const l2 = (number: number) => ({ ...l1(number), l1origin: { hash: hashOf(7), number: 7 }, sequenceNumber: 1 })

const syncStatus = {
  current_l1: l1(8),
  current_l1_finalized: l1(5),
  head_l1: l1(9),
  safe_l1: l1(6),
  finalized_l1: l1(5),
  unsafe_l2: l2(50),
  safe_l2: l2(40),
  finalized_l2: l2(30),
  pending_safe_l2: l2(40),
}

const consensusReplies: Record<string, Reply> = {
  optimism_syncStatus: { result: syncStatus },
  admin_sequencerActive: { result: true },
  admin_conductorEnabled: { result: true },
  opp2p_peerStats: { result: { connected: 2, table: 4, blocksTopicV3: 2, banned: 0, known: 4 } },
}
const header = (number: number) => ({
  number: `0x${number.toString(16)}`,
  hash: hashOf(number),
  parentHash: hashOf(number - 1),
  timestamp: '0x6b015838',
})

const execution = (method: string, [block]: readonly unknown[]): Reply => {
  if (method === 'eth_getBalance') return { result: '0x1' }
  if (block === 'latest') return { result: header(50) }
  return { result: block === '0x30' ? header(48) : null }
}

async function clients(replies: Record<string, Reply> = {}, executionReply = execution) {
  const all = { ...consensusReplies, ...replies }
  const cl = await serveRpc((method) => all[method] ?? methodNotFound(method))
  const el = await serveRpc(executionReply)
  return { cl, el, consensus: createNodeClient(cl.url), execution: createNodeClient(el.url) }
}

const now = () => 42

describe('a look at a node', () => {
  test('sees both processes, with one request each', async () => {
    const { cl, el, ...node } = await clients()
    const l1Origin = { hash: hashOf(7), number: 7n }
    const l2View = (number: number) => ({
      number: BigInt(number),
      hash: hashOf(number),
      parentHash: hashOf(number - 1),
      timestamp: BigInt(1000 + number),
      l1Origin,
    })
    const l1View = (number: number) => ({
      number: BigInt(number),
      hash: hashOf(number),
      timestamp: BigInt(1000 + number),
    })
    expect(await observe('node0', node, { at: 48n, now })).toEqual({
      node: 'node0',
      at: 42,
      consensus: {
        ok: true,
        value: {
          sequencing: true,
          conductor: true,
          unsafe: l2View(50),
          safe: l2View(40),
          finalized: l2View(30),
          headL1: l1View(9),
          currentL1: l1View(8),
          peers: 2,
        },
      },
      execution: {
        ok: true,
        value: {
          latest: { number: 50n, hash: hashOf(50) },
          at: { number: 48n, hash: hashOf(48) },
          state: { ok: true },
        },
      },
    })
    expect(cl.requests.map(({ methods }) => methods.length)).toEqual([6])
    expect(el.requests.map(({ methods }) => methods.length)).toEqual([6])
  })

  test('a block it does not have is null; not asked is absent', async () => {
    const node = await clients()
    expect((await observe('n', node, { at: 60n, now })).execution).toMatchObject({
      value: { at: { number: 60n, hash: null } },
    })
    expect((await observe('n', node, { now })).execution).not.toHaveProperty('value.at')
  })

  test('a block stored above the newest one is reported for a client that is behind', async () => {
    const wedged = (method: string, params: readonly unknown[]): Reply =>
      method === 'eth_syncing'
        ? { result: false }
        : params[0] === '0x33'
          ? { result: header(51) }
          : execution(method, params)
    const { el, ...node } = await clients({}, wedged)
    expect((await observe('n', node, { at: 60n, now })).execution).toMatchObject({
      value: { latest: { number: 50n }, stored: { number: 51n, hash: hashOf(51) }, syncing: false },
    })
    expect(el.requests.map(({ methods }) => methods.length)).toEqual([6, 2])
    expect((await observe('n', node, { at: 50n, now })).execution, 'not behind, not asked').not.toHaveProperty(
      'value.stored',
    )
  })

  test('a client that moved on meanwhile has nothing stored above its newest block', async () => {
    let looks = 0
    const moving = (method: string, params: readonly unknown[]): Reply => {
      if (params[0] === 'latest' && method === 'eth_getBlockByNumber')
        return { result: header(50 + Math.min(looks++, 1)) }
      return params[0] === '0x33' ? { result: header(51) } : execution(method, params)
    }
    const node = await clients({}, moving)
    expect((await observe('n', node, { at: 60n, now })).execution).not.toHaveProperty('value.stored')
  })

  test('an old node does not report its conductor, a node without p2p not about peers', async () => {
    const node = await clients({
      admin_conductorEnabled: methodNotFound('admin_conductorEnabled'),
      opp2p_peerStats: { error: { code: -32000, message: 'p2p is disabled' } },
    })
    const { consensus } = await observe('n', node, { now })
    expect(consensus).toMatchObject({ ok: true, value: { sequencing: true } })
    expect(consensus).not.toHaveProperty('value.conductor')
    expect(consensus).not.toHaveProperty('value.peers')
  })

  test('a node without the admin API is a failure of class method', async () => {
    const node = await clients({ admin_sequencerActive: methodNotFound('admin_sequencerActive') })
    expect((await observe('n', node, { now })).consensus).toMatchObject({ ok: false, failure: 'method' })
  })

  test('zeros before the engine is initialised are a status', async () => {
    const zero = { hash: padHex('0x', { size: 32 }), number: 0, parentHash: padHex('0x', { size: 32 }), timestamp: 0 }
    const l2Zero = { ...zero, l1origin: { hash: zero.hash, number: 0 }, sequenceNumber: 0 }
    const status = { current_l1: zero, head_l1: zero, unsafe_l2: l2Zero, safe_l2: l2Zero, finalized_l2: l2Zero }
    const node = await clients({ optimism_syncStatus: { result: status } })
    expect((await observe('n', node, { now })).consensus).toMatchObject({ ok: true, value: { unsafe: { number: 0n } } })
  })

  test('missing state is reported with its text, and the look is still good', async () => {
    const message = 'missing trie node 12ab (path ) state 0x12ab is not available'
    const node = await clients({}, (method, params) =>
      method === 'eth_getBalance' ? { error: { code: -32000, message } } : execution(method, params),
    )
    expect((await observe('n', node, { now })).execution).toMatchObject({
      ok: true,
      value: { state: { ok: false, message } },
    })
  })

  test('looks in a row share a connection', async () => {
    const sockets = new Set<unknown>()
    const url = await serve((request, response) => {
      sockets.add(request.socket)
      request.resume().on('end', () => response.writeHead(401).end())
    })
    const client = createNodeClient(url)
    for (let look = 0; look < 3; look += 1) {
      await observe('n', { consensus: client, execution: createNodeClient(await closedUrl()) }, { now })
    }
    expect(sockets.size).toBe(1)
  })

  test('killed: refused within milliseconds; frozen: a timeout; neither hides the other process', async () => {
    const { execution } = await clients()
    const killed = createNodeClient(await closedUrl())
    const frozen = createNodeClient(await serve(() => {}), { timeoutMs: 150 })
    const from = performance.now()
    expect(await observe('n', { consensus: killed, execution }, { now })).toMatchObject({
      consensus: { ok: false, failure: 'refused' },
      execution: { ok: true },
    })
    expect(performance.now() - from).toBeLessThan(100)
    const silent = performance.now()
    expect(await observe('n', { consensus: frozen, execution }, { now })).toMatchObject({
      consensus: { ok: false, failure: 'timeout' },
      execution: { ok: true },
    })
    expect(performance.now() - silent).toBeLessThan(300)
  })
})
