import { describe, expect, test } from 'vitest'
import { hashPayload } from '../../../lib/chain/header.ts'
import { getPeerPayload } from '../../../lib/chain/peer-payload.ts'
import { getRollupConfig } from '../../../lib/chain/rollup-config.ts'
import { stopSequencer } from '../../../lib/chain/sequencer.ts'
import type { Block } from '../../../lib/protocol/block.ts'
import { BLOCK_MS, eventually, expectOneChain, startWorld } from './world.ts'

const wrong = `0x${'ab'.repeat(32)}` as const

describe.concurrent('starting and stopping', () => {
  test('every node starts stopped, at genesis, after a moment without prestate', async (t) => {
    const { chain, look, start, gate } = await startWorld(t)
    await gate.grant('node0')
    // On a busy machine the moment may be over before the first call arrives: each restart gives another one.
    await eventually(t, async () => {
      await chain.node('node0').kill('consensus')
      await chain.node('node0').restart('consensus')
      return start('node0', chain.genesis.hash)
    }).toMatchObject({
      outcome: 'no-prestate',
      message: `no prestate, cannot determine if sequencer start at ${chain.genesis.hash} is safe`,
    })
    expect((await look('node0')).consensus).toMatchObject({
      ok: true,
      value: { unsafe: { number: 0n }, headL1: { number: 0n } },
    })
    await eventually(t, async () => (await look('node0')).consensus).toMatchObject({
      value: { sequencing: false, conductor: true, peers: 2, unsafe: { hash: chain.genesis.hash } },
    })
  })

  test('refuses in the order op-node checks', async (t) => {
    const { chain, gate, start, lead } = await startWorld(t)
    const { hash } = chain.genesis
    expect(await start('node1', wrong)).toMatchObject({
      outcome: 'not-leader',
      message: 'sequencer is not the leader, aborting',
    })
    await lead('node0')
    expect(await start('node0', wrong)).toEqual({ outcome: 'already-running', message: 'sequencer already running' })
    await gate.grant('node1')
    expect(await start('node1', wrong)).toMatchObject({
      outcome: 'head-mismatch',
      message: expect.stringMatching(/^block hash does not match: head 0x[0-9a-f]{64}:\d+, received 0xabab/),
    })
    gate.fail('store down')
    expect(await start('node1', hash)).toMatchObject({
      outcome: 'failed',
      message: 'sequencer leader check failed: store unavailable',
    })
  })

  test('stopping returns the head; stopping again fails', async (t) => {
    const { chain, clients, lead, blocks } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    const { consensus } = clients('node0')
    const hash = await stopSequencer(consensus)
    expect(hash).toBe(chain.node('node0').execution.head.hash)
    await expect(stopSequencer(consensus)).rejects.toThrow('sequencer not running')
    await new Promise((resolve) => setTimeout(resolve, 2 * BLOCK_MS))
    expect(chain.node('node0').execution.head.hash).toBe(hash)
  })

  test('the conductor URL: credentials as Basic auth, decoded, and the path kept', async (t) => {
    const { gate, lead, blocks } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    for (const request of gate.requests) {
      expect(request).toMatchObject({
        path: '/v1/chains/901/nodes/node0',
        authorization: `Basic ${btoa('node0:s3cret/node0')}`,
      })
    }
    expect(new Set(gate.requests.map(({ method }) => method))).toEqual(
      new Set(['conductor_leader', 'conductor_commitUnsafePayload']),
    )
  })
})

describe.concurrent('blocks', () => {
  test('are sealed when due, committed, gossiped, inserted, and followed by the others', async (t) => {
    const { chain, gate, lead, blocks, converge } = await startWorld(t, { genesisTime: Math.ceil(Date.now() / 1000) })
    const seen: string[] = []
    for (const name of ['sealed', 'committed', 'gossip', 'insert'] as const) {
      chain.events.on(name, (event: { node: string; block: Block }) =>
        seen.push(`${event.block.number} ${name} ${event.node}`),
      )
    }
    await lead('node0')
    await blocks(6)
    await converge('node0', 'node1', 'node2')
    const own = seen.filter((line) => line.startsWith('3 ') && line.endsWith('node0'))
    expect(own).toEqual(['3 sealed node0', '3 committed node0', '3 gossip node0', '3 insert node0'])
    expect(seen.indexOf('3 committed node0')).toBeLessThan(seen.indexOf('3 insert node1'))
    const genesisMs = Number(chain.genesis.timestamp) * 1000
    for (const { at, block } of gate.commits.slice(-3)) {
      expect(at).toBeGreaterThanOrEqual(genesisMs + Number(block.number) * BLOCK_MS)
      expect(at).toBeLessThan(genesisMs + Number(block.number) * BLOCK_MS + 150)
      expect(block.timestamp).toBe(BigInt(Math.floor((genesisMs + Number(block.number) * BLOCK_MS) / 1000)))
    }
  })

  test('that are overdue are caught up without waiting', async (t) => {
    const { gate, lead } = await startWorld(t, { genesisTime: Math.floor(Date.now() / 1000) - 10 })
    await lead('node0')
    const from = Date.now()
    await eventually(t, () => gate.commits.length).toBeGreaterThan(50)
    expect(Date.now() - from).toBeLessThan(2_500)
  })

  test('carry their L1 origin, users’ transactions, and a hash over their content', async (t) => {
    const { chain, gate, lead, blocks, clients } = await startWorld(t, { l1BlockTimeMs: 300 })
    await lead('node0')
    await blocks(6)
    for (const { block, envelope } of gate.commits) {
      expect(hashPayload(envelope)).toBe(block.hash)
      expect(envelope.executionPayload.transactions).toHaveLength(4)
      expect(block.l1Origin).toEqual({
        number: block.l1Origin?.number,
        hash: chain.l1.block(block.l1Origin?.number ?? 0n).hash,
      })
    }
    const origins = gate.commits.map(({ block }) => block.l1Origin?.number ?? 0n)
    expect(origins.at(-1)).toBeGreaterThan(origins[0] ?? 0n)
    const [commit] = gate.commits
    expect(await getPeerPayload(clients('node0').execution, { number: commit?.block.number ?? 0n })).toEqual(
      commit?.envelope,
    )
  })

  test('of two nodes on the same parent differ', async (t) => {
    const { chain } = await startWorld(t)
    const [a, b] = await Promise.all(
      ['node0', 'node1'].map(async (name) => {
        const sealed = new Promise<string>((resolve) =>
          chain.events.on('sealed', ({ node, block }) => node === name && resolve(block.hash)),
        )
        const { conductor, sequencer } = chain.node(name).consensus
        conductor.overridden = true
        await eventually(t, () => sequencer.start(chain.genesis.hash).then(() => true)).toBe(true)
        return sealed
      }),
    )
    expect(a).not.toBe(b)
  })

  test('become safe and final some L1 blocks later', async (t) => {
    const { chain, lead, look } = await startWorld(t, { l1BlockTimeMs: 300 })
    await lead('node0')
    await eventually(t, async () => {
      const { consensus } = await look('node1')
      return consensus.ok ? consensus.value.finalized.number : 0n
    }).toBeGreaterThan(0n)
    const { consensus } = await look('node1')
    if (!consensus.ok) throw new Error(consensus.message)
    const { unsafe, safe, finalized } = consensus.value
    expect(unsafe.number).toBeGreaterThanOrEqual(safe.number)
    expect(safe.number).toBeGreaterThan(finalized.number)
    expectOneChain(chain.canonical())
  })
})

test('the rollup configuration', async (t) => {
  const { chain, clients } = await startWorld(t)
  expect(await getRollupConfig(clients('node2').consensus)).toMatchObject({
    l2ChainId: 901n,
    genesis: { l2: { number: 0n, hash: chain.genesis.hash }, l2Time: chain.genesis.timestamp },
  })
})

test('one look at a healthy standby', async (t) => {
  const { lead, blocks, look, gate } = await startWorld(t)
  await lead('node0')
  await blocks(3)
  const head = await gate.head()
  await eventually(t, async () => (await look('node1', head?.number)).execution).toMatchObject({
    ok: true,
    value: { state: { ok: true }, at: { number: head?.number, hash: head?.hash } },
  })
})
