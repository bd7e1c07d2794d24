import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGate } from '../../lib/gate/handle.ts'
import { type GateServer, serveGate } from '../../lib/gate/serve.ts'
import type { Hash } from '../../lib/protocol/block.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoHeads } from '../../lib/store/dynamo/stores.ts'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { readPayload } from '../../lib/store/payload.ts'
import { defaultTableNames, type HeadStore } from '../../lib/store/stores.ts'
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts'

type Payload = { parentHash: Hash; blockHash: Hash; blockNumber: string; timestamp: string }
type Exchange = {
  readonly path: string
  readonly headers: Record<string, string>
  readonly request: { method: string; params?: [{ executionPayload: Payload }] }
  readonly response: { result?: unknown; error?: { code: number; message: string } } | null
}

// Both ways a store is away: connections are refused, or nothing comes back until they are alive again.
describe.each([
  { file: 'op-node-2024-10.jsonl', outage: 'cut' },
  { file: 'op-node-v1.16.11.jsonl', outage: 'pause' },
] as const)('$file (store $outage)', ({ file, outage }) => {
  const exchanges: Exchange[] = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  let database: EmbeddedDatabase
  let storeLine: TcpProxy
  let nodeLine: TcpProxy
  let server: GateServer
  let heads: HeadStore
  const objects = memoryObjects()
  const clients: { destroy(): void }[] = []

  beforeAll(async () => {
    database = await startEmbeddedDatabase()
    storeLine = await tcpProxy(database.port)
    const direct = dynamoClient({ endpoint: database.endpoint })
    const onTheWay = new URL(database.endpoint)
    onTheWay.port = String(storeLine.port)
    const proxied = dynamoClient({ endpoint: onTheWay.href })
    clients.push(direct, proxied)
    await createTables(direct)
    heads = dynamoHeads(direct, defaultTableNames.heads)
    const gate = createGate({
      heads: dynamoHeads(proxied, defaultTableNames.heads),
      objects,
      findSecrets: (chain, node) => (chain === '901' && '012'.includes(node) ? [`s3cret/${node}`] : undefined),
      readyChain: '901',
      version: 'test',
    })
    server = await serveGate(gate, { port: 0 })
    nodeLine = await tcpProxy(server.port)
  })

  afterAll(async () => {
    await nodeLine.close()
    await server.close()
    for (const client of clients) client.destroy()
    await storeLine.close()
    await database.stop()
  })

  test('every recorded exchange is answered as recorded', { timeout: 30_000 }, async () => {
    const first = exchanges.flatMap(({ request }) => payloadOf(request) ?? [])[0]
    if (!first) throw new Error('the file has no commit')
    const genesis = { number: 0n, hash: first.parentHash, parentHash: first.parentHash, timestamp: 0n }
    await heads.write('901', seedHead(genesis, 1, 1))
    await heads.write('901', fence('0', 2, 2))
    let term = 2
    let leader = '0'
    let last: Payload = first

    for (const [i, exchange] of exchanges.entries()) {
      const { path, response } = exchange
      const node = path.slice(-1)
      const payload = payloadOf(exchange.request)
      const away = response?.error?.message === 'store unavailable'
      storeLine.set(away ? outage : 'pass')
      nodeLine.set(response === null ? 'lose-answers' : 'pass')
      // The story's fence: a node that did not hold the head gets the answer that it does.
      if (response?.result === true && node !== leader) {
        leader = node
        term += 1
        expect(await heads.write('901', fence(node, term, i))).toMatchObject({ applied: true })
      }

      let answer = await post(nodeLine.port, exchange)
      // A machine that stands still is an outage too; op-node sends its commit again.
      for (let tries = 1; !away && response !== null && says(answer, 'store unavailable') && tries < 5; tries++)
        answer = await post(nodeLine.port, exchange)
      const at = `exchange ${i}: node ${node} ${exchange.request.method} ${payload?.blockNumber ?? ''}`
      if (response === null) {
        expect(answer, at).toBe('connection lost')
      } else {
        expect(answer, at).toMatchObject({ jsonrpc: '2.0', id: expect.anything() })
        expect(strip(answer), at).toEqual(response)
      }
      if (payload && (response === null || response.result === null)) {
        last = payload
        expect(await heads.read('901'), at).toMatchObject({ hash: payload.blockHash, leader, term })
      }
    }

    const head = await heads.readWithPayload('901')
    if (!head) throw new Error('no head')
    expect(head).toMatchObject({ hash: last.blockHash, number: BigInt(last.blockNumber), committedTerm: term })
    expect(head.l1Origin?.hash).toMatch(/^0x[0-9a-f]{64}$/)
    expect(JSON.parse(await readPayload(objects, head))).toMatchObject({ executionPayload: last })
  })
})

function payloadOf({ params }: Exchange['request']): Payload | undefined {
  return params?.[0]?.executionPayload
}

function says(answer: unknown, message: string): boolean {
  return typeof answer === 'object' && strip(answer).error?.message === message
}

function strip(answer: unknown) {
  const { result, error } = answer as NonNullable<Exchange['response']>
  return error ? { error: { code: error.code, message: error.message } } : { result }
}

/** Sends what op-node sent: the same path, headers and bytes. */
function post(port: number, exchange: Exchange): Promise<unknown> {
  const body = Buffer.from(JSON.stringify(exchange.request))
  expect(String(body.length)).toBe(exchange.headers['content-length'])
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', method: 'POST', path: exchange.path, headers: exchange.headers }
    const sent = request({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
      response.on('error', () => resolve('connection lost'))
    })
    sent.on('error', () => resolve('connection lost'))
    sent.end(body)
  })
}
