import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { answer } from './answer.ts'
import { type Chain, read } from './model.ts'

/** An RPC node: it has what the sequencer's stream has, and unwinds by itself; a stuck one does not. */
export async function startFollower(folder: string, stuck: () => boolean): Promise<{ url: string; close(): void }> {
  const stream = join(folder, 'data', 'data-stream.bin')
  let chain: Chain = { blocks: [], batches: [] }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes) => {
      body += bytes
    })
    request.on('end', () => {
      if (!stuck() && existsSync(stream)) chain = read(stream)
      response.end(JSON.stringify(answer(JSON.parse(body), chain)))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}
