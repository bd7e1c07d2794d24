import { describe, expect, test } from 'vitest'
import { createNodeClient } from '../../../lib/chain/client.ts'
import { postUnsafePayload } from '../../../lib/chain/sequencer.ts'
import type { SimulatedEvents } from '../../../lib/simulator/chain/events.ts'
import { BLOCK_MS, eventually, startWorld } from './world.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.concurrent('a commit that fails', () => {
  test('is tried twice 50 ms apart, then each second with the same payload; nothing is published', async (t) => {
    const { chain, gate, lead, blocks, headOf } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    const gossiped: bigint[] = []
    chain.events.on('gossip', ({ block }) => gossiped.push(block.number))
    gate.fail('store down')
    const refused: { at: number; hash: string }[] = []
    chain.events.on('refused', ({ at, block, message }) => {
      expect(message).toBe('store unavailable')
      refused.push({ at, hash: block.hash })
    })
    await eventually(t, () => refused.length).toBe(1)
    const tries = gate.requests.length
    const stuck = headOf('node0')
    gossiped.length = 0
    await eventually(t, () => refused.length).toBe(2)
    expect(gate.requests.length - tries).toBe(2)
    const [first, second] = refused
    expect(second?.hash).toBe(first?.hash)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_000)
    expect(gossiped).toEqual([])
    expect([headOf('node0'), headOf('node1')]).toEqual([stuck, stuck])

    gate.fail('none')
    await blocks(3)
    expect(gate.commits.find(({ block }) => block.number === stuck + 1n)?.block.hash).toBe(first?.hash)
  })

  test('takes no longer than a second when the gate is silent', async (t) => {
    const { chain, gate, lead, blocks } = await startWorld(t)
    const sealed = new Map<string, number>()
    chain.events.on('sealed', ({ at, block }) => sealed.set(block.hash, at))
    await lead('node0')
    await blocks(1)
    const refusal = new Promise<SimulatedEvents['refused'][0]>((resolve) => chain.events.once('refused', resolve))
    gate.fail('silent')
    const { at, block, message } = await refusal
    expect(message).toBe('context deadline exceeded')
    const tookMs = at - (sealed.get(block.hash) ?? 0)
    expect(tookMs).toBeGreaterThan(950)
    expect(tookMs).toBeLessThan(1_300)
  })

  test('whose reply was lost is repeated, and the chain goes on', async (t) => {
    const { chain, gate, lead, blocks } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    const refusals: string[] = []
    chain.events.on('refused', ({ message }) => refusals.push(message))
    const before = { requests: gate.requests.length, commits: gate.commits.length }
    chain.node('node0').loseNextReply()
    await blocks(3)
    const extra = gate.requests.length - before.requests - (gate.commits.length - before.commits)
    expect(extra).toBe(1)
    expect(refusals).toEqual([])
  })
})

describe.concurrent('a fenced sequencer', () => {
  test('keeps sealing, is refused, and follows the new leader', async (t) => {
    const { chain, gate, lead, blocks, converge } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    await converge('node1')
    const refused: string[] = []
    const numbers = new Set<bigint>()
    chain.events.on('refused', ({ node, block, message }) => {
      refused.push(`${node} ${message}`)
      numbers.add(block.number)
    })
    await lead('node1')
    await blocks(6)
    expect(numbers.size).toBeGreaterThan(1)
    expect(chain.node('node0').consensus.sequencer.active).toBe(true)
    expect(refused).toContain('node0 not-leader')
    await converge('node0', 'node1', 'node2')
    expect(new Set(gate.commits.slice(-4).map(({ node }) => node))).toEqual(new Set(['node1']))
  })

  test('that was frozen has its block refused after the thaw', async (t) => {
    const { chain, gate, lead, blocks, converge } = await startWorld(t)
    await lead('node0')
    await blocks(2)
    await converge('node1')
    chain.node('node0').freeze('host')
    await lead('node1')
    await blocks(3)
    const refused = new Promise<string>((resolve) => chain.events.once('refused', ({ node }) => resolve(node)))
    chain.node('node0').thaw('host')
    expect(await refused).toBe('node0')
    await blocks(2)
    await converge('node0', 'node1', 'node2')
    expect(gate.commits.slice(-3).every(({ node }) => node === 'node1')).toBe(true)
  })
})

describe.concurrent('posting payloads', () => {
  test('is asynchronous, in any order, and fills a gap; then the node can be started', async (t) => {
    const { chain, gate, lead, blocks, headOf, start } = await startWorld(t)
    chain.node('node2').isolate()
    await lead('node0')
    await blocks(6)
    expect(headOf('node2')).toBe(0n)
    await chain.node('node0').kill('host')
    const head = await gate.grant('node2')
    expect(await start('node2', head.hash)).toMatchObject({ outcome: 'head-mismatch' })
    const client = createNodeClient(chain.node('node2').consensusUrl, { timeoutMs: 1_000 })
    for (const { envelope } of gate.commits.toReversed()) await postUnsafePayload(client, envelope)
    await eventually(t, () => headOf('node2')).toBe(head.number)
    expect(await start('node2', head.hash)).toEqual({ outcome: 'started' })
    await blocks(2)
  })

  test('checks the hash', async (t) => {
    const { chain, gate, lead, blocks } = await startWorld(t)
    await lead('node0')
    await blocks(1)
    const client = createNodeClient(chain.node('node1').consensusUrl)
    const envelope = gate.commits[0]?.envelope
    if (envelope === undefined) throw new Error('no commit')
    const forged = { ...envelope, executionPayload: { ...envelope.executionPayload, gasUsed: '0x1' as const } }
    await expect(postUnsafePayload(client, forged)).rejects.toThrow('payload has bad block hash')
    await expect(client.request({ method: 'admin_postUnsafePayload', params: [{}] })).rejects.toThrow()
  })

  test('a block that competes with the head is not adopted', async (t) => {
    const { chain, lead, blocks, headOf } = await startWorld(t)
    const rival = chain.node('node2')
    rival.isolate()
    rival.consensus.conductor.overridden = true
    await eventually(t, () => rival.consensus.sequencer.start(chain.genesis.hash).then(() => true)).toBe(true)
    await eventually(t, () => headOf('node2')).toBeGreaterThan(1n)
    await lead('node0')
    await blocks(2)
    const one = rival.execution.at(1n)
    if (one === undefined) throw new Error('no block')
    const before = chain.node('node1').execution.at(1n)?.hash
    await postUnsafePayload(createNodeClient(chain.node('node1').consensusUrl), one.envelope)
    await sleep(BLOCK_MS)
    expect(chain.node('node1').execution.at(1n)?.hash).toBe(before)
  })
})
