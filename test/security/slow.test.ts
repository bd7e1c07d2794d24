import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commitBody, request, requestHead, type Served, serve, statuses } from './rig.ts'

const BODY_MS = 500
const MANY = 200

let served: Served
let sockets: Socket[] = []
beforeEach(async () => {
  served = await serve({ bodyTimeoutMs: BODY_MS })
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets = []
  await served.close()
})

/** Opens connections that drip a request, one byte each 20 ms, and reports when the gate closes each. */
function drip(count: number, begin: string, rest: string): Promise<number>[] {
  return Array.from({ length: count }, () => {
    const from = performance.now()
    const socket = connect(served.server.port, '127.0.0.1', () => socket.write(begin))
    sockets.push(socket)
    let at = 0
    const timer = setInterval(() => void (socket.writable && socket.write(rest[at++ % rest.length] ?? 'x')), 20)
    socket.on('error', () => {}).resume()
    return new Promise<number>((resolve) => {
      socket.on('close', () => {
        clearInterval(timer)
        resolve(performance.now() - from)
      })
    })
  })
}

test.each([
  ['headers', 'POST /v1/chains/901/nodes/a HTTP/1.1\r\nHost: x\r\nX: ', 'y'],
  ['a body of a caller with a secret', requestHead('a', ['Content-Length: 100000']), ' '],
  ['a body of a caller without', requestHead('a', ['Content-Length: 100000'], 'nobody'), ' '],
  ['chunks', requestHead('a', ['Transfer-Encoding: chunked']), '1\r\n \r\n'],
])('%s that drip in are ended, and a commit is answered meanwhile', { timeout: 20_000 }, async (_, begin, rest) => {
  const ended = drip(MANY, begin, rest)
  await new Promise((resolve) => setTimeout(resolve, 100))
  let from = 0
  // As op-node does, sends it again if a machine that stands still made the gate end it like the others.
  let answered: number[] = []
  for (let tries = 0; answered.length === 0 && tries < 5; tries++) {
    from = performance.now()
    answered = statuses(await served.raw(request('a', commitBody(11))))
  }
  expect(answered).toEqual([200])
  const answeredMs = performance.now() - from
  expect((await served.head())?.number).toBe(11n)
  // Bounded by the gate, not by patience; and the commit did not wait for that.
  const longest = Math.max(...(await Promise.all(ended)))
  expect(longest).toBeLessThan(2 * BODY_MS + 3_000)
  expect(answeredMs).toBeLessThan(longest)
})

test('connections that say nothing are ended too', { timeout: 20_000 }, async () => {
  const socket = connect(served.server.port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => {}).resume()
  const closed = await Promise.race([
    new Promise<boolean>((resolve) => socket.on('close', () => resolve(true))),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2 * BODY_MS + 3_000)),
  ])
  expect(closed).toBe(true)
})
