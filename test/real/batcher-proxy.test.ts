import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkChain } from './baton/check-chain.ts'
import { Rig } from './baton/rig.ts'
import { OpBatcher } from './devnet/op-batcher.ts'
import { freePorts } from './devnet/ports.ts'
import { rpc } from './devnet/rpc.ts'
import { pause, until } from './devnet/wait.ts'
import { anotherLeads, scene } from './scenarios.ts'

const SECRET = 'secret-of-the-batcher'

let rig: Rig
let batcher: OpBatcher
beforeAll(async () => {
  const [port = 0] = await freePorts(1)
  let leaderUrl = ''
  rig = await Rig.create({
    batcher: false,
    configure: ({ gate, ...config }) => {
      const { port: gatePort } = gate as unknown as { port: number }
      leaderUrl = `http://op-batcher:${SECRET}@127.0.0.1:${gatePort}/v1/chains/901/leader`
      return { ...config, gate: { port: gatePort, batchers: [SECRET] } }
    },
  })
  await rig.devnet.start()
  await rig.startGate()
  rig.startMonitor()
  await rig.healthy()
  batcher = new OpBatcher({
    logFolder: rig.devnet.folder.logs,
    port,
    l1Url: rig.devnet.l1.url,
    executionUrls: [leaderUrl],
    consensusUrls: [leaderUrl],
  })
  await batcher.start()
})
afterAll(async () => {
  await batcher?.kill()
  await rig?.stop()
})

/** The newest block that L1 has, as a node derived it. */
async function safeOf(url: string): Promise<number> {
  return (await rpc<{ safe_l2: { number: number } }>(url, 'optimism_syncStatus')).safe_l2.number
}

test('a real batcher behind the proxy: through a frozen leader and its thaw it sends no stale batch and never ends', async () => {
  const { leader, standbys } = await scene(rig)
  const witness = standbys[0]?.consensusUrl ?? ''
  await until('L1 has blocks', async () => (await safeOf(witness)) > 3, { within: 60_000, hint: batcher.process.log })

  leader.freeze('op-node')
  leader.freeze('execution')
  await anotherLeads(rig, leader.name)
  const moved = Number((await rig.ports.heads.read('901'))?.number ?? 0n)
  // Batches of blocks that the frozen node never had: the batcher follows the new leader.
  await until('L1 has blocks of the next leader', async () => (await safeOf(witness)) > moved + 2, {
    within: 90_000,
    hint: batcher.process.log,
  })

  leader.thaw('execution')
  leader.thaw('op-node')
  const thawed = await safeOf(witness)
  await until('L1 goes on after the thaw', async () => (await safeOf(witness)) > thawed + 5, {
    within: 90_000,
    hint: batcher.process.log,
  })
  await pause(2_000)
  expect(batcher.process.running).toBe(true)
  expect(batcher.process.exited).toBeUndefined()
  const log = readFileSync(batcher.process.log, 'utf8')
  expect(log.match(/^--- .*op-batcher/gm)).toHaveLength(1)
  // It clears its state at its start, and again when a block it sent is not in the chain any more.
  expect(log.match(/msg="Clearing state"/g)).toHaveLength(1)
  expect(log).not.toMatch(/reorg/i)
  await rig.healthy()
  await checkChain(rig)
})
