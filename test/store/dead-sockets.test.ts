import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { commit } from '../../lib/protocol/commit.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { dynamoHeads } from '../../lib/store/dynamo/stores.ts'
import { childOf, genesis } from './blocks.ts'

/** A database that says yes to every write, and whose open connections can die without a word. */
async function database() {
  const dead = new Set<Socket>()
  const open = new Set<Socket>()
  let waitFor = 1
  let gone = false
  let waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    if (gone || dead.has(request.socket)) return
    const answer = () => response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}')
    request.resume().on('end', () => {
      waiting.push(answer)
      if (waiting.length < waitFor) return
      for (const each of waiting) each()
      waiting = []
    })
  })
  server.on('connection', (socket) => open.add(socket))
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const client = dynamoClient({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  onTestFinished(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  const heads = dynamoHeads(client, 'heads')
  const write = commit('ada', childOf(genesis), { payload: new Uint8Array(10) }, 1)
  return {
    commit: () => heads.commit('901', write),
    /** Opens so many connections, which stay in the pool. */
    async warm(count: number) {
      waitFor = count
      await Promise.all(Array.from({ length: count }, () => heads.commit('901', write)))
      waitFor = 1
      expect(open.size).toBe(count)
    },
    die({ forGood = false } = {}) {
      for (const socket of open) dead.add(socket)
      gone = forGood
    },
  }
}

test.each([1, 2, 6, 12])('%i dead connections in the pool fail no commit', async (count) => {
  const { commit, warm, die } = await database()
  await warm(count)
  die()
  const started = performance.now()
  expect(await commit()).toEqual({ applied: true })
  expect(performance.now() - started).toBeLessThan(400)
  const next = performance.now()
  expect(await commit()).toEqual({ applied: true })
  expect(performance.now() - next, 'the next one meets none of them').toBeLessThan(170)
})

test('a database that is dead altogether fails the commit in time', async () => {
  const { commit, warm, die } = await database()
  await warm(2)
  die({ forGood: true })
  expect(await Promise.allSettled([commit(), commit()])).toMatchObject([
    { reason: { name: 'StoreUnavailableError' } },
    { reason: { name: 'StoreUnavailableError' } },
  ])
})
