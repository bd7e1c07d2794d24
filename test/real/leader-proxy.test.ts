import { readFileSync } from 'node:fs'
import type { Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { placeFactory, proposals } from './devnet/dispute-game-factory.ts'
import { OpBatcher } from './devnet/op-batcher.ts'
import { OpProposer } from './devnet/op-proposer.ts'
import { freePorts } from './devnet/ports.ts'
import type { Supervised } from './devnet/process.ts'
import { rpc } from './devnet/rpc.ts'
import { pause, until } from './devnet/wait.ts'
import { anotherLeads, scene } from './scenarios.ts'

const SECRET = { batcher: 'secret-of-the-batcher', proposer: 'secret-of-the-proposer' }

let rig: Rig
let batcher: OpBatcher
let proposer: OpProposer
beforeAll(async () => {
  const [batcherPort = 0, proposerPort = 0] = await freePorts(2)
  let gatePort = 0
  rig = await Rig.create({
    batcher: false,
    configure: ({ gate, ...config }) => {
      gatePort = (gate as unknown as { port: number }).port
      return { ...config, gate: { port: gatePort, batchers: [SECRET.batcher], readers: [SECRET.proposer] } }
    },
  })
  await rig.devnet.start()
  await placeFactory(rig.devnet.l1)
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
  const leader = (who: string, secret: string) => `http://${who}:${secret}@127.0.0.1:${gatePort}/v1/chains/901/leader`
  const atLeader = leader('op-batcher', SECRET.batcher)
  const common = { logFolder: rig.devnet.folder.logs, l1Url: rig.devnet.l1.url }
  batcher = new OpBatcher({ ...common, port: batcherPort, executionUrls: [atLeader], consensusUrls: [atLeader] })
  proposer = new OpProposer({ ...common, port: proposerPort, rollupUrl: leader('op-proposer', SECRET.proposer) })
  await batcher.start()
  await proposer.start()
})
afterAll(async () => {
  await Promise.all([batcher?.kill(), proposer?.process.kill()])
  await rig?.stop()
})

/** The newest block that L1 has, as a node derived it. */
async function safeOf(url: string): Promise<number> {
  return (await rpc<{ safe_l2: { number: number } }>(url, 'optimism_syncStatus')).safe_l2.number
}

/** Waits until L1 has batches and a proposal of blocks after this one. */
async function postedBeyond(block: number, witness: string, what: string): Promise<void> {
  const patience = { within: 90_000 }
  await until(`L1 has blocks ${what}`, async () => (await safeOf(witness)) > block, {
    ...patience,
    hint: batcher.process.log,
  })
  await until(`L1 has a proposal ${what}`, async () => ((await proposals(rig.devnet.l1)).at(-1)?.block ?? 0) > block, {
    ...patience,
    hint: proposer.process.log,
  })
}

/** A program runs as it was started, once; its log. */
function logOfOneRun({ running, exited, log, name }: Supervised): string {
  expect({ running, exited }, name).toEqual({ running: true, exited: undefined })
  const text = readFileSync(log, 'utf8')
  expect(text.match(/^--- /gm), `${name} was started once and never ended`).toHaveLength(1)
  return text
}

/** Everything proposed is an output of the chain that was kept, and none is of an older block than the one before. */
async function checkProposals(url: string): Promise<void> {
  const proposed = await proposals(rig.devnet.l1)
  expect(proposed.length).toBeGreaterThan(0)
  const blocks = proposed.map(({ block }) => block)
  expect(blocks, 'an older view was never proposed').toEqual([...new Set(blocks)].toSorted((a, b) => a - b))
  for (const { block, outputRoot } of proposed) {
    const { outputRoot: kept } = await rpc<{ outputRoot: Hex }>(url, 'optimism_outputAtBlock', [
      `0x${block.toString(16)}`,
    ])
    expect(outputRoot, `the output of block ${block}`).toBe(kept)
  }
}

const headNumber = async () => Number((await rig.ports.heads.read('901'))?.number ?? 0n)

test('a real batcher and proposer behind the proxy follow a failover: no stale batch or output, no restart', async () => {
  const { leader, standbys } = await scene(rig)
  const witness = standbys[0]?.consensusUrl ?? ''
  await postedBeyond(3, witness, 'to begin with')

  await leader.kill()
  await anotherLeads(rig, leader.name)
  await postedBeyond((await headNumber()) + 2, witness, 'of the next leader')

  await leader.start()
  await rig.devnet.connectPeers()
  await rig.healthy()
  await checkProposals(witness)
  logOfOneRun(batcher.process)
  logOfOneRun(proposer.process)
})

test('through a frozen leader and its thaw they follow the head, not the node that says it sequences', async () => {
  const { leader, standbys } = await scene(rig)
  const witness = standbys[0]?.consensusUrl ?? ''
  await postedBeyond(3, witness, 'to begin with')

  leader.freeze('op-node')
  leader.freeze('execution')
  await anotherLeads(rig, leader.name)
  // Batches and outputs of blocks that the frozen node never had.
  await postedBeyond((await headNumber()) + 2, witness, 'of the next leader')

  leader.thaw('execution')
  leader.thaw('op-node')
  await postedBeyond((await safeOf(witness)) + 5, witness, 'after the thaw')
  await pause(2_000)
  await rig.healthy()
  await checkProposals(witness)
  const log = logOfOneRun(batcher.process)
  // It clears its state at its start, and again when a block it sent is not in the chain any more.
  expect(log.match(/msg="Clearing state"/g)).toHaveLength(1)
  expect(log).not.toMatch(/reorg/i)
  expect(logOfOneRun(proposer.process)).not.toMatch(/reverted|Failed to send proposal/)
  await checkChain(rig)
})
