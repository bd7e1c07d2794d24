import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { GateOptions } from '../../lib/gate/handle.ts'
import { memoryHeads } from '../../lib/store/memory/stores.ts'
import { blockOf, envelopeOf } from './payloads.ts'
import { basic, CHAIN, commitAs, rig } from './rig.ts'

/** A gate whose store commits on demand, and whose desk notes when it is asked. */
async function heldUp(options: Partial<GateOptions> = {}) {
  const heads = memoryHeads()
  const order: string[] = []
  let open = () => {}
  const held = new Promise<void>((resolve) => {
    open = resolve
  })
  const commit: typeof heads.commit = async (...given) => {
    order.push('write')
    await held
    return await heads.commit(...given)
  }
  const { gate } = await rig({
    heads: { ...heads, commit },
    desk: async ({ method }) => {
      order.push(method)
      return 'true'
    },
    ...options,
  })
  const proxied = () =>
    gate({
      method: 'POST',
      path: `/v1/chains/${CHAIN}/leader`,
      authorization: basic('a'),
      body: Buffer.from(PROXIED),
    })
  return { gate, order, proxied, letGo: () => open() }
}
const PROXIED = '{"jsonrpc":"2.0","id":1,"method":"optimism_syncStatus","params":[]}'

test('a call that is passed on waits for a commit in hand', async () => {
  const { gate, order, proxied, letGo } = await heldUp()
  const committed = commitAs(gate, 'a', envelopeOf(blockOf(11))).then(() => order.push('committed'))
  await vi.waitFor(() => expect(order).toEqual(['write']))
  const answered = proxied()
  for (let i = 0; i < 5; i++) await turnOfTheLoop()
  expect(order).toEqual(['write'])
  letGo()
  await Promise.all([committed, answered])
  expect(order).toEqual(['write', 'committed', 'optimism_syncStatus'])
})

test('so it does for one whose body still arrives; between body and write it gets no turn', async () => {
  const { gate, order, proxied, letGo } = await heldUp()
  let arrive = (_: Uint8Array) => {}
  const body = new Promise<Uint8Array>((resolve) => {
    arrive = resolve
  })
  const committed = gate({
    method: 'POST',
    path: `/v1/chains/${CHAIN}/nodes/a`,
    authorization: basic('a'),
    body: () => body,
  })
  await turnOfTheLoop()
  const answered = proxied()
  await turnOfTheLoop()
  expect(order).toEqual([])
  const params = [envelopeOf(blockOf(11))]
  arrive(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'conductor_commitUnsafePayload', params })))
  await vi.waitFor(() => expect(order).toEqual(['write']))
  letGo()
  expect((await committed).body).toContain('"result":null')
  await answered
  expect(order).toEqual(['write', 'optimism_syncStatus'])
})

test('of many that waited a few go on at once: a commit that comes then goes before the rest', async () => {
  const { gate, order, proxied, letGo } = await heldUp()
  const first = commitAs(gate, 'a', envelopeOf(blockOf(11)))
  await vi.waitFor(() => expect(order).toEqual(['write']))
  const answered = Array.from({ length: 10 }, () => proxied())
  await turnOfTheLoop()
  letGo()
  await first
  while (order.length === 1) await turnOfTheLoop()
  await commitAs(gate, 'a', envelopeOf(blockOf(12)))
  await Promise.all(answered)
  expect(order).toHaveLength(12)
  expect(order.lastIndexOf('write')).toBeLessThan(11)
})

test('a commit that hangs holds no call up for longer than 150 ms; op-node’s own questions never wait', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { gate, order, proxied, letGo } = await heldUp({ budgetMs: 60_000 })
  const committed = commitAs(gate, 'a', envelopeOf(blockOf(11)))
  await vi.waitFor(() => expect(order).toEqual(['write']))
  const asked = { jsonrpc: '2.0', id: 1, method: 'conductor_leader', params: [] }
  const leader = await gate({
    method: 'POST',
    path: `/v1/chains/${CHAIN}/nodes/a`,
    authorization: basic('a'),
    body: Buffer.from(JSON.stringify(asked)),
  })
  expect(leader.body).toContain('"result":true')
  const answered = proxied()
  await turnOfTheLoop()
  await vi.advanceTimersByTimeAsync(149)
  expect(order).toEqual(['write'])
  await vi.advanceTimersByTimeAsync(1)
  await answered
  expect(order).toEqual(['write', 'optimism_syncStatus'])
  letGo()
  await committed
})
