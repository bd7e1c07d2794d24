import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { silentLog } from '../../lib/log.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { liveness, probes, serveRoutes } from '../../lib/serve/observation-server.ts'
import { serveMonitors } from '../../lib/serve/observe-monitor.ts'
import { runGate } from '../../lib/serve/run-gate.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import { blockOf, envelopeOf } from '../gate/payloads.ts'
import { virtualFleet } from '../monitor/virtual-fleet.ts'
import { parseExposition } from '../prometheus/parse-exposition.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const node = (name: string, port: number) => ({
  ...{ name, zone: 'z', consensus: `http://127.0.0.1:${port}`, execution: `http://127.0.0.1:${port + 1}` },
  secrets: [`secret-of-${name}`],
})
const config = {
  ...parseConfig(
    JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes: [node('a', 2), node('b', 4)] }),
    {},
  ),
  gate: { host: '127.0.0.1', port: 0 },
}

async function gateWithHead() {
  const stores = memoryStores()
  await stores.heads.write('901', seedHead(blockOf(10), 1, 1_000))
  await stores.heads.write('901', fence('a', 2, 1_001))
  await stores.leases.write('901', seedLease('a', 2, { kind: 'baton', name: 'baton' }, 1_001))
  const gate = await runGate(config, { stores, objects: memoryObjects(), endpoint: 'memory' }, silentLog)
  closing.push(gate.close)
  return { stores, gate }
}

/** The data of the events of a stream, one after the other. */
async function* eventsOf(url: string): AsyncGenerator<Record<string, unknown>> {
  const stop = new AbortController()
  closing.push(() => stop.abort())
  const response = await fetch(url, { signal: stop.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data !== undefined) yield JSON.parse(data)
    }
  }
}

test('a gate serves its metrics beside the RPC, without a secret', async () => {
  const { gate } = await gateWithHead()
  const commit = await fetch(`${gate.url}/v1/chains/901/nodes/a`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('a:secret-of-a').toString('base64')}` },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload' },
      params: [envelopeOf(blockOf(11))],
    }),
  })
  expect(await commit.json()).toMatchObject({ result: null })
  const response = await fetch(`${gate.url}/metrics`)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const families = parseExposition(await response.text())
  const commits = families.find(({ name }) => name === 'baton_commits_total')
  expect(commits?.samples).toMatchObject([{ labels: { chain: '901', node: 'a', result: 'committed' }, value: 1 }])
  expect(families.some(({ name }) => name === 'baton_condition')).toBe(false)
  expect((await fetch(`${gate.url}/metrics`, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${gate.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${gate.url}/nothing`)).status).toBe(404)
})

test('/leader says who leads; /leader/events reports the change, and ends with the gate', async () => {
  const { gate, stores } = await gateWithHead()
  const now = await (await fetch(`${gate.url}/leader`)).json()
  expect(now).toEqual({ chain: '901', leader: 'a', term: 2, since: 1_001, number: '10', hash: blockOf(10).hash })
  const events = eventsOf(`${gate.url}/leader/events`)
  expect((await events.next()).value).toEqual(now)
  await stores.heads.write('901', fence('b', 3, 2_000))
  expect((await events.next()).value).toMatchObject({ leader: 'b', term: 3, since: 2_000 })
  const readers = parseExposition(await (await fetch(`${gate.url}/metrics`)).text())
  expect(readers.find(({ name }) => name === 'baton_leader_event_readers')?.samples[0]?.value).toBe(1)
  const began = performance.now()
  await gate.close()
  expect(performance.now() - began).toBeLessThan(1_500)
  expect((await events.next()).done).toBe(true)
})

test('a store that does not answer is 503 at /leader', async () => {
  const { gate, stores } = await gateWithHead()
  Object.assign(stores.heads, { read: () => Promise.reject(new Error('gone')) })
  expect((await fetch(`${gate.url}/leader`)).status).toBe(503)
})

test('more than a hundred readers are refused, and those that leave make room', async () => {
  const { gate } = await gateWithHead()
  const stop = new AbortController()
  const url = `${gate.url}/leader/events`
  const open = await Promise.all(Array.from({ length: 100 }, () => fetch(url, { signal: stop.signal })))
  expect(new Set(open.map(({ status }) => status))).toEqual(new Set([200]))
  expect((await fetch(url)).status).toBe(503)
  stop.abort()
  await expect.poll(async () => (await fetch(url, { signal: AbortSignal.timeout(500) })).status).toBe(200)
})

test('a probe by HEAD is answered at once, and takes no reader’s place', async () => {
  const { gate } = await gateWithHead()
  for (const path of ['/leader', '/leader/events', '/metrics', '/healthz']) {
    const response = await fetch(`${gate.url}${path}`, { method: 'HEAD', signal: AbortSignal.timeout(2_000) })
    expect([path, response.status, await response.text()]).toEqual([path, 200, ''])
  }
  const families = parseExposition(await (await fetch(`${gate.url}/metrics`)).text())
  expect(families.find(({ name }) => name === 'baton_leader_event_readers')?.samples[0]?.value).toBe(0)
})

test('the probes of a monitor: alive from the start, ready while turns succeed, dead when none ends', async () => {
  let now = 0
  const alive = liveness(() => now)
  const server = await serveRoutes([probes({ 901: alive })], { host: '127.0.0.1', port: 0 })
  closing.push(server.close)
  const probe = async (path: string) => {
    const response = await fetch(`${server.url}${path}`)
    return [response.status, ((await response.json()) as { turns?: string }).turns]
  }
  expect(await probe('/healthz')).toEqual([200, undefined])
  expect(await probe('/readyz')).toEqual([503, 'starting'])
  alive.tick()
  expect(await probe('/readyz')).toEqual([200, 'ok'])
  alive.failed()
  expect(await probe('/healthz')).toEqual([200, undefined])
  expect(await probe('/readyz')).toEqual([503, 'failing'])
  now = 61_000
  expect(await probe('/healthz')).toEqual([503, 'stuck'])
  expect(await probe('/readyz')).toEqual([503, 'stuck'])
})

test('a monitor serves its metrics, and runs without them where the address is taken', async () => {
  const { ports } = virtualFleet()
  const first = await serveMonitors([ports], { host: '127.0.0.1', port: 0 })
  closing.push(first.close)
  const text = await (await fetch(`${first.url}/metrics`)).text()
  expect(parseExposition(text).map(({ name }) => name)).toContain('op_conductor_leader_transfers_count')
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  closing.push(() => void taken.close())
  const warned: unknown[] = []
  const log = { ...silentLog, warn: (message: string) => void warned.push(message) }
  const { port } = taken.address() as AddressInfo
  const second = await serveMonitors([{ ...ports, log }], { host: '127.0.0.1', port })
  closing.push(second.close)
  expect(second.url).toBeUndefined()
  expect(warned).toHaveLength(1)
})

describe('the monitors of several chains at one address', () => {
  const get = async (url: string, path: string) => {
    const response = await fetch(`${url}${path}`)
    return { status: response.status, text: await response.text() }
  }
  async function serveTwo() {
    const { ports } = virtualFleet()
    const other = virtualFleet().ports
    const {
      each,
      url = '',
      close,
    } = await serveMonitors([ports, { ...other, chain: { ...other.chain, id: '902' } }], { host: '127.0.0.1', port: 0 })
    closing.push(close)
    return { each, url, heads: ports.heads }
  }
  const ticked = {
    view: { now: 0, nodes: [], observed: {}, policy: { budgetPerHour: 0 } },
    decision: { page: [], verdicts: [] },
  }

  test('/metrics names each metric once, with the samples of each chain; a chain has its own below its path', async () => {
    const { each, url } = await serveTwo()
    each[0]?.onFailed({ since: 0, error: new Error('no') })
    const chainsOf = (text: string) =>
      new Map(
        parseExposition(text).map(({ name, samples }) => [name, new Set(samples.map(({ labels }) => labels.chain))]),
      )
    const both = await get(url, '/metrics')
    expect(chainsOf(both.text).get('baton_turns_total')).toEqual(new Set(['901', '902']))
    const turns = parseExposition(both.text).find(({ name }) => name === 'baton_turns_total')?.samples ?? []
    const failed = turns.filter(({ labels }) => labels.result === 'failed')
    expect(Object.fromEntries(failed.map(({ labels, value }) => [labels.chain, value]))).toEqual({ 901: 1, 902: 0 })
    const alone = await get(url, '/chains/902/metrics')
    expect(chainsOf(alone.text).get('baton_turns_total')).toEqual(new Set(['902']))
    expect((await get(url, '/chains/903/metrics')).status).toBe(404)
  })

  test('one that fails makes the process unready, by name, and is no reason to restart it', async () => {
    const { each, url } = await serveTwo()
    each[0]?.onFailed({ since: 0, error: new Error('no') })
    each[1]?.onTick(ticked as never, true, 1)
    const ready = await get(url, '/readyz')
    expect(ready.status).toBe(503)
    expect(JSON.parse(ready.text)).toMatchObject({ turns: 'failing', chains: { 901: 'failing' } })
    expect((await get(url, '/healthz')).status).toBe(200)
    expect((await get(url, '/chains/902/readyz')).status).toBe(200)
    each[0]?.onTick(ticked as never, false, 1)
    expect((await get(url, '/readyz')).status).toBe(200)
  })

  test('the leader of each is below its path: "/leader" alone would not say whose', async () => {
    const { url, heads } = await serveTwo()
    await heads.write('901', seedHead(blockOf(10), 1, 1_000))
    await heads.write('901', fence('a', 2, 1_001))
    expect(JSON.parse((await get(url, '/chains/901/leader')).text)).toMatchObject({ chain: '901', leader: 'a' })
    expect((await get(url, '/leader')).status).toBe(404)
  })
})
