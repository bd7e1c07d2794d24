import { describe, expect, test } from 'vitest'
import { MAX_BATCH } from '../../lib/gate/parse-calls.ts'
import { memoryHeads } from '../../lib/store/memory/stores.ts'
import { readSightings } from '../../lib/store/sightings.ts'
import { blockOf, envelopeOf } from './payloads.ts'
import { CHAIN, call, rig, send } from './rig.ts'

const leaderCall = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'conductor_leader' })

describe('URLs', () => {
  const get = { method: 'GET', authorization: undefined, body: new Uint8Array() }

  test('GET /healthz reports the version', async () => {
    const { gate } = await rig()
    const answer = await gate({ ...get, path: '/healthz?x=1' })
    expect(answer).toMatchObject({ status: 200, body: '{"version":"1.2.3"}' })
  })

  test('GET /readyz reports whether the store answers, and asks it once a second at most', async () => {
    const heads = memoryHeads()
    let reads = 0
    let away = false
    const read = async (chain: string) => {
      // The role of a gate reaches the keys of its chains and no other.
      expect(chain).toBe(CHAIN)
      reads += 1
      return away ? new Promise<never>(() => {}) : heads.read(chain)
    }
    const one = await rig({ heads: { ...heads, read } })
    expect(await one.gate({ ...get, path: '/readyz' })).toMatchObject({ status: 200 })
    expect(await one.gate({ ...get, path: '/readyz' })).toMatchObject({ status: 200 })
    expect(reads).toBe(1)
    away = true
    const other = await rig({ heads: { ...heads, read }, seeded: false, budgetMs: 20 })
    const answer = await other.gate({ ...get, path: '/readyz' })
    expect(answer).toMatchObject({ status: 503, body: '{"version":"1.2.3","store":"store-unavailable"}' })
  })

  test.each(['/', '/v1/chains/901', '/v1/chains/901/nodes/', '/v1/chains/901/nodes/a/b', '/v1/chains//nodes/a', '/v2'])(
    '%s gets the right form',
    async (path) => {
      const { gate } = await rig()
      const { status, body } = await gate({ ...get, method: 'POST', path })
      expect(status).toBe(404)
      expect(JSON.parse(body).error.message).toContain('/v1/chains/<chain>/nodes/<node>')
    },
  )

  test('a wrong verb is answered with the right one', async () => {
    const { gate } = await rig()
    const node = await gate({ ...get, path: '/v1/chains/901/nodes/a' })
    expect(node).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    expect(await gate({ ...get, method: 'POST', path: '/healthz' })).toMatchObject({ status: 405 })
  })
})

describe('methods', () => {
  test('that a node which does not lead asked is noted under its name; a note that fails keeps no answer back', async () => {
    const { gate, objects } = await rig({ leader: 'b' })
    const before = await readSightings(objects, CHAIN, ['a', 'b'])
    expect([...before]).toEqual([])
    await call(gate, 'a', 'conductor_leader')
    await call(gate, 'b', 'conductor_leader')
    expect([...(await readSightings(objects, CHAIN, ['a', 'b'])).keys()]).toEqual(['a'])
    const broken = { ...objects, put: () => new Promise<never>(() => {}) }
    const other = await rig({ leader: 'b', objects: broken })
    expect(await call(other.gate, 'a', 'conductor_leader')).toMatchObject({ result: false })
  })

  test('conductor_leader is true for the leader alone, and for no node without a head', async () => {
    const { gate, calls } = await rig({ leader: 'b' })
    expect(await call(gate, 'a', 'conductor_leader')).toMatchObject({ result: false })
    expect(await call(gate, 'b', 'conductor_leader', [])).toMatchObject({ result: true })
    expect(calls).toEqual(['conductor_leader ok', 'conductor_leader ok'])
    const fresh = await rig({ seeded: false })
    expect(await call(fresh.gate, 'a', 'conductor_leader')).toMatchObject({ result: false })
  })

  test('conductor_active is true when some node holds the head', async () => {
    const held = await rig({ leader: 'b' })
    expect(await call(held.gate, 'a', 'conductor_active')).toMatchObject({ result: true })
    const unheld = await rig({ leader: '' })
    expect(await call(unheld.gate, 'a', 'conductor_active')).toMatchObject({ result: false })
    const fresh = await rig({ seeded: false })
    expect(await call(fresh.gate, 'a', 'conductor_active')).toMatchObject({ result: false })
  })

  test('an unknown method is named', async () => {
    const { gate, calls } = await rig()
    const { error } = await call(gate, 'a', 'conductor_transferLeader')
    expect(error).toMatchObject({ code: -32601, data: { code: 'method-not-found' } })
    expect(error?.message).toContain('conductor_transferLeader')
    expect(calls).toEqual(['other method-not-found'])
  })

  test.each([[[1]], [{}], ['x']])('parameters %j of conductor_leader are refused', async (params) => {
    const { gate } = await rig()
    const { body } = await send(gate, 'a', JSON.stringify({ ...leaderCall(1), params }))
    expect(JSON.parse(body).error).toMatchObject({ code: -32602, data: { field: 'params' } })
  })
})

describe('JSON-RPC', () => {
  test.each(['1', '-7', '"x"', '"\\u00e4"', 'null', '12345678901234567890', '1.50', '1e3'])(
    'the id %s is echoed as it was sent',
    async (id) => {
      const { gate } = await rig()
      const { body } = await send(gate, 'a', `{"jsonrpc":"2.0","id":${id},"method":"conductor_leader"}`)
      expect(body).toBe(`{"jsonrpc":"2.0","id":${id},"result":true}\n`)
    },
  )

  test.each([
    ['', -32700],
    ['{', -32700],
    ['{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}}', -32700],
    ['\ufeff{}', -32700],
    ['{"a":\u0001}', -32700],
    ['1', -32600],
    ['null', -32600],
    ['"x"', -32600],
    ['[]', -32600],
    ['{}', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"conductor_leader"}', -32600],
    ['{"jsonrpc":"2.0","id":1}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":5}', -32600],
    ['{"jsonrpc":"2.0","id":{},"method":"conductor_leader"}', -32600],
    ['{"jsonrpc":"2.0","id":[1],"method":"conductor_leader"}', -32600],
    [JSON.stringify(leaderCall('x'.repeat(300))), -32600],
  ])('%j is refused with %i', async (body, code) => {
    const { gate } = await rig()
    const answer = await send(gate, 'a', body)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', error: { code } })
  })

  test('bytes that are not UTF-8 are refused', async () => {
    const { gate } = await rig()
    const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":"'), Buffer.from([0xff]), Buffer.from('"}')])
    expect(JSON.parse((await send(gate, 'a', body)).body).error.code).toBe(-32700)
  })

  test('a batch is answered in order, its notifications are not', async () => {
    const { gate, head } = await rig()
    const commit = (number: number, id?: number) => ({
      jsonrpc: '2.0',
      ...(id !== undefined && { id }),
      method: 'conductor_commitUnsafePayload',
      params: [envelopeOf(blockOf(number))],
    })
    const batch = [commit(11, 1), leaderCall(2), 5, commit(12, 3), commit(13)]
    const answer = await send(gate, 'a', JSON.stringify(batch, undefined, 2))
    expect(JSON.parse(answer.body)).toMatchObject([
      { id: 1, result: null },
      { id: 2, result: true },
      { id: null, error: { code: -32600 } },
      { id: 3, result: null },
    ])
    expect(await head()).toMatchObject({ number: 12n })
  })

  test('a notification alone is answered with nothing', async () => {
    const { gate, head } = await rig()
    const request = { jsonrpc: '2.0', method: 'conductor_commitUnsafePayload', params: [envelopeOf(blockOf(11))] }
    const body = JSON.stringify(request)
    expect(await send(gate, 'a', body)).toMatchObject({ status: 204, body: '' })
    expect(await send(gate, 'a', `[${body}]`)).toMatchObject({ status: 204, body: '' })
    expect(await head()).toMatchObject({ number: 10n })
  })

  test('a batch of too many is refused as a whole', async () => {
    const { gate } = await rig()
    const batch = Array.from({ length: MAX_BATCH + 1 }, (_, i) => leaderCall(i))
    const answer = await send(gate, 'a', JSON.stringify(batch))
    expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code: -32600 } })
    const allowed = await send(gate, 'a', JSON.stringify(batch.slice(1)))
    expect(JSON.parse(allowed.body)).toHaveLength(MAX_BATCH)
  })

  test('a key given twice counts as JSON.parse has it', async () => {
    const { gate } = await rig()
    const { body } = await send(
      gate,
      'a',
      '{"id":1,"jsonrpc":"2.0","method":"x","i\\u0064":2,"method":"conductor_leader"}',
    )
    expect(body).toBe('{"jsonrpc":"2.0","id":2,"result":true}\n')
  })
})
