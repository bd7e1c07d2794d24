import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Hex, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { findInclusion, observeL1 } from '../../lib/l1/observe.ts'
import { watchL1 } from '../../lib/l1/watch.ts'
import { BATCHER, FUNDED } from '../real/devnet/accounts.ts'
import { L1 } from '../real/devnet/l1.ts'
import { rpc } from '../real/devnet/rpc.ts'
import { until } from '../real/devnet/wait.ts'

const inbox: Hex = '0xff00000000000000000000000000000000000901'
const batcher = BATCHER.address.toLowerCase() as Hex
const watched = { address: batcher, to: inbox }
const folder = mkdtempSync(join(tmpdir(), 'baton-l1-'))
let l1: L1
const client = () => createNodeClient(l1.url, { timeoutMs: 2_000 })

/** Blocks: 10 empty, a batch, 20 empty, a payment to another account, 5 empty. */
beforeAll(async () => {
  l1 = new L1(await freePortOr(0), folder, { blockTime: 3_600, slotsInAnEpoch: 1 })
  await l1.start()
  const send = async (to: string) => {
    await rpc(l1.url, 'eth_sendTransaction', [{ from: BATCHER.address, to, value: toHex(10n ** 18n) }])
    await l1.mine()
  }
  await l1.mine(10)
  await send(inbox)
  await l1.mine(20)
  await send(FUNDED[0]?.address ?? '')
  await l1.mine(5)
})
afterAll(async () => {
  await l1.stop()
  rmSync(folder, { recursive: true })
})

test('the newest batch is found; a payment to another account is passed over', async () => {
  const range = { oldest: 0n, newest: 37n, nonce: 2n }
  expect(await findInclusion(client(), watched, range)).toMatchObject({ number: 11n, atLeast: false })
  expect(await findInclusion(client(), { address: batcher }, range)).toMatchObject({ number: 32n, atLeast: false })
})

test('a batch older than the blocks looked at is reported as such', async () => {
  const range = { oldest: 12n, newest: 37n, nonce: 2n }
  expect(await findInclusion(client(), watched, range)).toMatchObject({ atLeast: true })
  expect(await findInclusion(client(), watched, { ...range, oldest: 33n })).toMatchObject({
    number: 33n,
    atLeast: true,
  })
})

test('one look: head, origin, balance, what was spent', async () => {
  const origin = await l1.block(5)
  const tip = { number: 9n, timestamp: 0n, l1Origin: { number: 5n, hash: origin.hash } }
  const { sample: look } = await observeL1(client(), { batcher: watched, slotMs: 12_000 }, tip, {}, () => 1)
  expect(look).toMatchObject({ at: 1, head: { number: 37n }, tip: { origin: { hash: origin.hash } } })
  expect(look.batcher?.included?.number).toBe(11n)
  const { wei = 0n, spanMs } = look.batcher?.spent ?? {}
  expect(Number(wei) / 1e18).toBeCloseTo(2, 2)
  expect(spanMs).toBe(37 * 12_000)
})

test('an endpoint that goes away is reported, and what was known stays', async () => {
  const rollup = async () => ({
    l1ChainId: 900n,
    l2ChainId: 901n,
    blockTime: 2n,
    genesis: { l1: { number: 0n, hash: '0x' as Hex }, l2: { number: 0n, hash: '0x' as Hex }, l2Time: 0n },
    seqWindowSize: 50n,
    batcher,
    batchInbox: inbox,
  })
  let asked = client()
  const port = watchL1({
    settings: { rpc: l1.url, blockTime: 2 },
    client: new Proxy({} as typeof asked, { get: (_, name) => Reflect.get(asked, name) }),
    rollup,
    now: Date.now,
    monotonic: () => performance.now(),
  })
  expect(port.latest(undefined), 'a turn never waits').toBeUndefined()
  await until('it looked', () => port.latest(undefined)?.sample)
  expect((await port.observe(undefined))?.limits).toEqual({ window: 50n, maxDriftS: 600, slotMs: 2_000 })
  asked = createNodeClient(`http://127.0.0.1:${await freePortOr(0)}`, { timeoutMs: 500 })
  const failing = await port.observe(undefined)
  expect(failing?.failure?.message).toContain('ECONNREFUSED')
  expect(failing?.sample?.head.number).toBe(37n)
})
