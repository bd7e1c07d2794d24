import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchBuilders } from '../../lib/builder/watch.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { inspectChain } from '../../lib/context/inspect.ts'
import { systemClock } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { builderReasons } from '../../lib/protocol/builder.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { type BoostServer, boostServer } from './boost-server.ts'

let boost: BoostServer
const closing: (() => unknown)[] = []
beforeEach(async () => {
  boost = await boostServer()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await boost.close()
})

const policy = defaultPolicy(2_000)

function watched(clock: { now(): number; monotonic(): number } = systemClock) {
  const { health, flashblocks } = boost
  const settings = { name: 'a', boost: { health, form: 'status', timeoutMs: 2_000 }, flashblocks } as const
  const builders = watchBuilders([settings, { name: 'b' }], policy, clock)
  return { builders, ofA: () => builders.latest().a }
}

test('a health endpoint is asked once a second, however often it is read, and never waited for', async () => {
  let at = 0
  const { builders, ofA } = watched({ now: () => 1_000_000 + at, monotonic: () => at })
  expect(ofA()).toEqual({ streams: true })
  for (let i = 0; i < 5; i++) ofA()
  await expect.poll(() => ofA()?.boost?.samples).toBe(1)
  expect(boost.asked).toHaveLength(1)
  at = 1_000
  boost.answers = { status: 503 }
  ofA()
  await expect.poll(() => ofA()?.boost).toMatchObject({ health: 'unhealthy', samples: 1, since: 1_001_000 })
  expect(boost.asked).toHaveLength(2)
  await builders.ask()
  expect(ofA()?.boost).toMatchObject({ samples: 2 })
  expect(builders.latest().b).toEqual({ streams: false })
})

test('a stream: open, heard, cut, closed, open again; and not listened to afterwards', async () => {
  const { builders, ofA } = watched()
  const stop = builders.listen()
  closing.push(stop)
  const stream = () => ofA()?.stream
  await expect.poll(() => stream()?.open).toBe(true)
  expect(stream()).not.toHaveProperty('heardAt')
  const before = Date.now()
  expect(boost.stream('{"index":0}')).toBe(1)
  await expect.poll(() => stream()?.heardAt).toBeGreaterThanOrEqual(before - 5)
  boost.cut()
  await expect.poll(() => stream()).toMatchObject({ open: false })
  expect(stream()?.message).not.toBe('')
  await expect.poll(() => stream()?.open, { timeout: 5_000 }).toBe(true)
  stop()
  expect(stream()).toBeUndefined()
  await expect.poll(() => boost.stream('{"index":1}')).toBe(0)
})

test('as configured; a one-off inspection asks until the finding is settled, and listens to no stream', async () => {
  boost.answers = { status: 503 }
  const { health, flashblocks } = boost
  const node = (name: string, port: number, more = {}) => ({
    ...{ name, zone: 'z', consensus: `http://127.0.0.1:${port}`, execution: `http://127.0.0.1:${port + 1}` },
    ...{ secrets: [`secret-of-${name}`], ...more },
  })
  const portsOf = (nodes: object[]) => {
    const config = parseConfig(JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes }), {})
    return chainPorts(config, { stores: memoryStores(), objects: memoryObjects() }, silentLog)
  }
  const { view } = await inspectChain(portsOf([node('a', 2, { boost: { health }, flashblocks }), node('b', 4)]))
  expect(view.builders?.a).toMatchObject({ boost: { health: 'unhealthy', samples: 2 }, streams: true })
  expect(view.builders?.a).not.toHaveProperty('stream')
  expect(builderReasons(view, 'a').map(({ code }) => code)).toEqual(['boost-unhealthy'])
  expect(portsOf([node('a', 2)]).builders).toBeUndefined()
})

test('a stream that refuses is closed since the first try, and found when it comes up', async () => {
  const { flashblocks } = boost
  await boost.close()
  const builders = watchBuilders([{ name: 'a', flashblocks }], policy, systemClock)
  closing.push(builders.listen())
  await expect.poll(() => builders.latest().a?.stream).toMatchObject({ open: false })
  const since = builders.latest().a?.stream?.since ?? 0
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(Math.abs((builders.latest().a?.stream?.since ?? 0) - since)).toBeLessThan(50)
  boost = await boostServer(Number(new URL(flashblocks).port))
  await expect.poll(() => builders.latest().a?.stream?.open, { timeout: 10_000 }).toBe(true)
})
