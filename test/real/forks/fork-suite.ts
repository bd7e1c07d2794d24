import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNodeClient } from '../../../lib/chain/client.ts'
import { createEngineClient } from '../../../lib/chain/engine/client.ts'
import { forkchoiceUpdated, getPayload, payloadVersion } from '../../../lib/chain/engine/methods.ts'
import { getPeerHeader } from '../../../lib/chain/peer-header.ts'
import { getPeerPayload } from '../../../lib/chain/peer-payload.ts'
import { provePayload } from '../../../lib/chain/prove-payload.ts'
import { nextAttributes } from '../../../lib/operations/crash-recovery/canary.ts'
import { switchover } from '../../../lib/operator/switchover.ts'
import { chainArchive } from '../../../lib/store/archive.ts'
import { checkChain } from '../baton/check-chain.ts'
import { Rig } from '../baton/rig.ts'
import type { Fork } from '../devnet/genesis.ts'
import { startUsers } from '../devnet/users.ts'
import { until } from '../devnet/wait.ts'
import { anotherLeads, atSlot, gapDuring, scene } from '../scenarios.ts'

/** What must hold on every fork: a failover, and that each block is known by its hash wherever it is read. */
export function provesFork(fork: Fork): void {
  let rig: Rig
  let users: ReturnType<typeof startUsers>

  beforeAll(async () => {
    rig = await Rig.create({ fork, blockTime: 1 })
    await rig.devnet.start()
    await rig.startGate()
    rig.startMonitor()
    await rig.healthy()
    users = startUsers(rig.devnet)
  })
  afterAll(async () => {
    await users?.stop()
    await rig?.stop()
  })

  test('a planned switchover misses no slot', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      await switchover(rig.ports, { by: 'test' })
      await anotherLeads(rig, leader.name)
    })
    console.log(`${fork}: switchover ${gap.seconds.toFixed(2)} s`)
    expect(gap).toMatchObject({ missedSlots: 0, replaced: [] })
  })

  test('the host of the leader is lost, and another goes on', async () => {
    const { leader, standbys } = await scene(rig)
    const gap = await gapDuring(rig, standbys[1] ?? leader, async (watch) => {
      await atSlot(watch, 0.5, rig.devnet.blockTime)
      await leader.kill()
      await anotherLeads(rig, leader.name)
    })
    console.log(`${fork}: host lost ${gap.seconds.toFixed(2)} s`)
    expect(gap.replaced).toEqual([])
    await leader.start()
    await rig.healthy()
    await checkChain(rig)
  })

  test('each block is what its hash says: in the archive, as a payload of each node, and as its header', async () => {
    const { objects, chain } = rig.ports
    const archive = chainArchive(objects, chain.id)
    await until('25 blocks', () => rig.wire.acknowledged.length >= 25, { within: 60_000 })
    const acknowledged = rig.wire.acknowledged.slice(-25, -5)
    let transactions = 0
    for (const { number, hash } of acknowledged) {
      const block = { number: BigInt(number), hash }
      const envelope: unknown = JSON.parse((await archive.read(block)) ?? 'null')
      expect(await provePayload(envelope, block)).toEqual({ proof: 'proved' })
      for (const { executionUrl } of rig.devnet.hosts) {
        const client = createNodeClient(executionUrl)
        const rebuilt = await getPeerPayload(client, block)
        expect(rebuilt).toEqual(envelope)
        transactions += rebuilt?.executionPayload.transactions.length ?? 0
        expect(await getPeerHeader(client, { number: block.number })).toMatchObject({ hash })
      }
    }
    expect(transactions, 'users were there').toBeGreaterThan(20 * rig.devnet.hosts.length)
  })

  test('an engine builds the next block by the methods of the fork', async () => {
    const { standbys } = await scene(rig)
    const [host] = standbys
    if (!host) throw new Error('a standby is needed')
    await host.killOpNode()
    const on = await getPeerPayload(createNodeClient(host.executionUrl), { tag: 'latest' })
    if (!on) throw new Error('no newest block')
    const secret = Buffer.from(await readFile(host.jwtFile, 'utf8'), 'hex')
    const engine = createEngineClient(host.engineUrl, secret)
    const { blockHash, blockNumber } = on.executionPayload
    const begun = await forkchoiceUpdated(engine, { head: blockHash }, nextAttributes(on, 1_000))
    expect(begun).toMatchObject({ payloadStatus: { status: 'VALID' } })
    const built = await until('a block is built', async () =>
      getPayload(engine, begun.payloadId ?? '', payloadVersion(on)),
    )
    expect(built).toMatchObject({ parentHash: blockHash, blockNumber: BigInt(blockNumber) + 1n })
    await host.startOpNode()
    await rig.healthy()
  })
}
