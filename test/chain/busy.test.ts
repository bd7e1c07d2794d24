import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getSequencerActive } from '../../lib/chain/consensus.ts'
import { answer } from '../../lib/chain/failure.ts'

/** A node in a thread of its own, so that it answers while this one is busy. */
const node = `
  const { createServer } = require('node:http')
  const { parentPort } = require('node:worker_threads')
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (text) => { body += text })
    request.on('end', () => {
      const { id } = JSON.parse(body)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: true }))
    })
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

test('an answer that came in time counts, though this process was too busy to read it', async () => {
  const worker = new Worker(node, { eval: true })
  onTestFinished(() => void worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  const client = createNodeClient(`http://127.0.0.1:${port}`, { timeoutMs: 200, batch: false })
  expect(await answer(getSequencerActive(client))).toEqual({ ok: true, value: true })
  const asked = answer(getSequencerActive(client))
  await pause(1)
  // From here the event loop goes on to its timers before it reads from the network.
  await new Promise(setImmediate)
  // Garbage collection, a burst of other chains, a machine that is overbooked: for us nothing happens.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  expect(await asked).toEqual({ ok: true, value: true })
})
