import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../../lib/chain/client.ts'
import { getSyncStatus } from '../../../lib/chain/consensus.ts'
import { answer } from '../../../lib/chain/failure.ts'
import { postUnsafePayload, resetDerivation } from '../../../lib/chain/sequencer.ts'
import type { Block } from '../../../lib/protocol/block.ts'
import { BLOCK_MS, eventually, expectOneChain, startWorld } from './world.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const timed = async <T>(work: Promise<T>) => {
  const from = performance.now()
  const value = await work
  return { value, ms: performance.now() - from }
}

describe.concurrent('killed', () => {
  test('a process refuses within milliseconds, the other one answers', async (t) => {
    const { chain, lead, blocks, look } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    await look('node0')
    await chain.node('node0').kill('consensus')
    const { value, ms } = await timed(look('node0'))
    expect(value).toMatchObject({ consensus: { ok: false, failure: 'refused' }, execution: { ok: true } })
    expect(ms).toBeLessThan(100)
    await chain.node('node0').kill('host')
    expect((await look('node0')).execution).toMatchObject({ ok: false, failure: 'refused' })
  })

  test('op-node comes back stopped, without prestate for a moment, on the same port, and catches up', async (t) => {
    const { chain, lead, blocks, look, converge } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    await converge('node1')
    await chain.node('node0').kill('consensus')
    await lead('node1')
    await blocks(3)
    await chain.node('node0').restart('consensus')
    expect((await look('node0')).consensus).toMatchObject({
      ok: true,
      value: { sequencing: false, unsafe: { number: 0n } },
    })
    await blocks(3)
    await converge('node0', 'node1', 'node2')
  })

  test('a crash between commit and insertion is repaired by posting the committed payload', async (t) => {
    const { chain, gate, lead, blocks, start, headOf } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    chain.node('node1').isolate()
    chain.node('node2').isolate()
    chain.events.once('committed', () => void chain.node('node0').kill('consensus'))
    await eventually(t, () => chain.node('node0').consensus.process.status).toBe('dead')
    const head = await gate.grant('node0')
    expect(chain.node('node0').execution.at(head.number)).toBeUndefined()
    await chain.node('node0').restart('consensus')
    await eventually(t, () => headOf('node0')).toBe(head.number - 1n)
    expect(await start('node0', head.hash)).toMatchObject({ outcome: 'head-mismatch' })
    const envelope = gate.commits.at(-1)?.envelope
    if (envelope === undefined) throw new Error('no commit')
    chain.node('node0').consensus.post(envelope)
    await eventually(t, async () => (await start('node0', head.hash)).outcome).toBe('started')
    await blocks(2)
  })

  test('the execution client: op-node answers from memory, sealing fails, and goes on after the restart', async (t) => {
    const { chain, lead, blocks, look, gate } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    await chain.node('node0').kill('execution')
    await sleep(2 * BLOCK_MS)
    const committed = gate.commits.length
    expect(await look('node0')).toMatchObject({
      consensus: { ok: true, value: { sequencing: true } },
      execution: { ok: false, failure: 'refused' },
    })
    await sleep(2 * BLOCK_MS)
    expect(gate.commits.length).toBe(committed)
    await chain.node('node0').restart('execution')
    await blocks(3)
  })

  test('the execution client between commit and insertion: the block is inserted later, not committed again', async (t) => {
    const { chain, lead, blocks } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    const reported: string[] = []
    for (const name of ['committed', 'gossip', 'insert'] as const) {
      chain.events.on(name, ({ node, block }: { node: string; block: Block }) => {
        if (node === 'node0') reported.push(`${name} ${block.number}`)
      })
    }
    const number = await new Promise<bigint>((resolve) => {
      chain.events.once('committed', ({ block }) => {
        void chain.node('node0').kill('execution')
        resolve(block.number)
      })
    })
    await sleep(BLOCK_MS)
    expect(reported.at(-1)).toBe(`gossip ${number}`)
    await chain.node('node0').restart('execution')
    await eventually(t, () => reported).toContain(`insert ${number}`)
    await blocks(2)
    expect(reported.filter((line) => line === `committed ${number}`)).toHaveLength(1)
  })

  test('the execution client comes back without what it had in memory: op-node keeps its head, ignores what is posted below, and is freed by a reset', async (t) => {
    const { chain, lead, blocks, converge, headOf, clients } = await startWorld(t)
    await lead('node0')
    await blocks(5)
    await converge('node1')
    const node = chain.node('node1')
    node.holdInMemory(3n)
    const lost = node.execution.canonical().slice(-3)
    await node.kill('execution')
    const before = headOf('node1')
    await node.restart('execution')
    const latest = node.execution.head.number
    expect(latest).toBe(before - 3n)
    const post = async () => {
      for (const { envelope } of lost) await postUnsafePayload(clients('node1').consensus, envelope)
    }
    await post()
    await blocks(4)
    expect({ unsafe: headOf('node1'), latest: node.execution.head.number }).toEqual({ unsafe: before, latest })
    expect(await clients('node1').execution.request({ method: 'debug_setHead', params: ['0x1'] })).toBeNull()
    expect(node.execution.head.number, 'its answer means nothing').toBe(latest)
    await resetDerivation(clients('node1').consensus)
    expect(headOf('node1')).toBe(latest)
    await post()
    await converge('node0', 'node1', 'node2')
  })

  test('no state: the probe shows it, and nothing is built', async (t) => {
    const { chain, lead, blocks, look, gate } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    chain.node('node0').loseState()
    await sleep(2 * BLOCK_MS)
    const committed = gate.commits.length
    expect((await look('node0')).execution).toMatchObject({
      ok: true,
      value: { state: { ok: false, message: expect.stringContaining('missing trie node') } },
    })
    await sleep(2 * BLOCK_MS)
    expect(gate.commits.length).toBe(committed)
    chain.node('node0').loseState(false)
    await blocks(2)
  })
})

describe.concurrent('frozen', () => {
  test.for(['consensus', 'execution'] as const)(
    'the %s client accepts and does not answer; both looks take the timeout',
    async (part, t) => {
      const { chain, lead, blocks, look, gate } = await startWorld(t)
      await lead('node0')
      await blocks(2)
      chain.node('node0').freeze(part)
      const { value, ms } = await timed(look('node0'))
      expect(value[part]).toMatchObject({ ok: false, failure: 'timeout' })
      expect(value[part === 'consensus' ? 'execution' : 'consensus']).toMatchObject({ ok: true })
      expect(ms).toBeGreaterThan(290)
      expect(ms).toBeLessThan(600)
      const committed = gate.commits.length
      await sleep(2 * BLOCK_MS)
      expect(gate.commits.length - committed).toBe(0)
      chain.node('node0').thaw(part)
      await blocks(3)
    },
  )

  test('a request waits for the thaw if its sender does', async (t) => {
    const { chain } = await startWorld(t)
    chain.node('node1').freeze('consensus')
    const patient = answer(getSyncStatus(createNodeClient(chain.node('node1').consensusUrl, { timeoutMs: 2_000 })))
    await sleep(100)
    chain.node('node1').thaw('consensus')
    expect(await patient).toMatchObject({ ok: true })
  })

  test('a frozen follower gets the gossip it missed', async (t) => {
    const { chain, lead, blocks, headOf, converge } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    chain.node('node1').freeze('host')
    const stuck = headOf('node1')
    await blocks(4)
    expect(headOf('node1')).toBe(stuck)
    chain.node('node1').thaw('host')
    await converge('node1')
  })
})

describe.concurrent('the network', () => {
  test('an isolated node misses blocks, and fills the gap from its peers when it rejoins', async (t) => {
    const { chain, lead, blocks, headOf, look, converge } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    chain.node('node2').isolate()
    await sleep(30)
    const stuck = headOf('node2')
    expect((await look('node2')).consensus).toMatchObject({ value: { peers: 0 } })
    await blocks(4)
    expect(headOf('node2')).toBe(stuck)
    const sources: string[] = []
    chain.events.on('insert', ({ node, source }) => node === 'node2' && sources.push(source))
    chain.node('node2').isolate(false)
    await blocks(1)
    await converge('node2')
    expect(sources).toContain('peer')
  })

  test('without peers, a node learns the chain from L1', async (t) => {
    const { chain, lead, headOf } = await startWorld(t, { l1BlockTimeMs: 400 })
    chain.node('node2').isolate()
    await lead('node0')
    await eventually(t, () => headOf('node2')).toBeGreaterThan(2n)
    expectOneChain(chain.canonical())
  })

  test('L1 replaces blocks that contradict it', async (t) => {
    const { chain, lead, blocks, headOf } = await startWorld(t, { l1BlockTimeMs: 400 })
    const rival = chain.node('node2')
    rival.isolate()
    rival.consensus.conductor.overridden = true
    await eventually(t, () => rival.consensus.sequencer.start(chain.genesis.hash).then(() => true)).toBe(true)
    await eventually(t, () => headOf('node2')).toBeGreaterThan(0n)
    const uncommitted = rival.execution.at(1n)?.hash
    await rival.consensus.sequencer.stop()
    await lead('node0')
    await blocks(3)
    await eventually(t, () => rival.execution.at(1n)?.hash).not.toBe(uncommitted)
    expectOneChain(chain.canonical())
  })

  test('cut off from Baton: its commits fail, both its clients are silent, and it comes back', async (t) => {
    const { chain, lead, blocks, look, gate } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    chain.node('node0').cutOff()
    const refused = await new Promise<string>((resolve) =>
      chain.events.once('refused', ({ message }) => resolve(message)),
    )
    expect(refused).toBe('context deadline exceeded')
    expect(await look('node0')).toMatchObject({
      consensus: { ok: false, failure: 'timeout' },
      execution: { ok: false, failure: 'timeout' },
    })
    const committed = gate.commits.length
    chain.node('node0').cutOff(false)
    await blocks(2)
    expect(gate.commits.length).toBeGreaterThan(committed)
    expect((await look('node0')).consensus.ok).toBe(true)
  })

  test('slow: answers take longer, and so do blocks', async (t) => {
    const { chain, lead, blocks, look } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    chain.node('node0').slow(100)
    const { value, ms } = await timed(look('node0'))
    expect(value.consensus.ok).toBe(true)
    expect(ms).toBeGreaterThan(99)
    await blocks(2)
  })

  test('L1 stands still', async (t) => {
    const { chain, look } = await startWorld(t, { l1BlockTimeMs: 100 })
    await sleep(350)
    chain.l1.stop()
    const l1Head = async () => {
      const { consensus } = await look('node0')
      return consensus.ok ? consensus.value.headL1.number : 0n
    }
    const before = await l1Head()
    expect(before).toBeGreaterThan(0n)
    await sleep(250)
    expect(await l1Head()).toBe(before)
    chain.l1.resume()
    await eventually(t, l1Head).toBeGreaterThan(before + 1n)
  })
})
