import { padHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { getBlock } from '../../lib/chain/block.ts'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getRollupConfig } from '../../lib/chain/rollup-config.ts'
import { postUnsafePayload, startSequencer, stopSequencer } from '../../lib/chain/sequencer.ts'
import { envelopes } from './fixtures.ts'
import { closedUrl, serveRpc } from './rpc-server.ts'

const head = padHex('0x01', { size: 32 })

describe('starting a sequencer', () => {
  test.each([
    ['sequencer already running', 'already-running'],
    ['sequencer is not the leader, aborting', 'not-leader'],
    [`block hash does not match: head ${head}:5, received ${head}`, 'head-mismatch'],
    [`no prestate, cannot determine if sequencer start at ${head} is safe`, 'no-prestate'],
    ['sequencer is not enabled', 'failed'],
    ['sequencer leader check failed: connection refused', 'failed'],
  ])('%s', async (message, outcome) => {
    const { url } = await serveRpc(() => ({ error: { code: -32000, message } }))
    expect(await startSequencer(createNodeClient(url), head)).toMatchObject({ outcome, message })
  })

  test('started', async () => {
    const { url, requests } = await serveRpc(() => ({ result: null }))
    expect(await startSequencer(createNodeClient(url, { batch: false }), head)).toEqual({ outcome: 'started' })
    expect(requests).toMatchObject([{ methods: ['admin_startSequencer'] }])
  })

  test('nothing there', async () => {
    expect(await startSequencer(createNodeClient(await closedUrl()), head)).toMatchObject({
      outcome: 'failed',
      failure: 'refused',
    })
  })
})

test('stopping returns the head', async () => {
  const { url } = await serveRpc(() => ({ result: head }))
  expect(await stopSequencer(createNodeClient(url))).toBe(head)
})

test('a payload is posted as it is', async () => {
  const posted: unknown[] = []
  const { url } = await serveRpc((_, params) => {
    posted.push(...params)
    return { result: null }
  })
  const [envelope] = envelopes
  if (envelope === undefined) throw new Error('no fixtures')
  await postUnsafePayload(createNodeClient(url), envelope)
  expect(posted).toEqual([envelope])
})

test('credentials in the URL become Basic auth, decoded', async () => {
  const { url, requests } = await serveRpc(() => ({ result: null }))
  const client = createNodeClient(url.replace('http://', 'http://node1:s3cret%2F1@'))
  await startSequencer(client, head)
  expect(requests[0]?.authorization).toBe(`Basic ${btoa('node1:s3cret/1')}`)
})

test('a block is read by number, hash or tag', async () => {
  const asked: unknown[] = []
  const { url } = await serveRpc((method, params) => {
    asked.push([method, ...params])
    return { result: { number: '0x5', hash: head, parentHash: head, timestamp: '0x6b015838', transactions: [] } }
  })
  const client = createNodeClient(url)
  const block = { number: 5n, hash: head, parentHash: head, timestamp: 0x6b015838n }
  expect(await getBlock(client, { number: 5n })).toEqual(block)
  expect(await getBlock(client, { hash: head })).toEqual(block)
  expect(await getBlock(client, { tag: 'safe' })).toEqual(block)
  expect(asked).toEqual([
    ['eth_getBlockByNumber', '0x5', false],
    ['eth_getBlockByHash', head, false],
    ['eth_getBlockByNumber', 'safe', false],
  ])
})

test('the rollup configuration', async () => {
  const { url } = await serveRpc(() => ({
    result: {
      genesis: {
        l1: { hash: head, number: 3 },
        l2: { hash: head, number: 0 },
        l2_time: 1_795_250_000,
        system_config: {},
      },
      block_time: 2,
      l1_chain_id: 900,
      l2_chain_id: 901,
      holocene_time: 0,
    },
  }))
  expect(await getRollupConfig(createNodeClient(url))).toEqual({
    l1ChainId: 900n,
    l2ChainId: 901n,
    blockTime: 2n,
    genesis: { l1: { number: 3n, hash: head }, l2: { number: 0n, hash: head }, l2Time: 1_795_250_000n },
  })
})
