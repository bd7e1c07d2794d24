import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a batcher asks most: the node's status, and the next block with its transactions. */
const CALLS = [
  { method: 'optimism_syncStatus', params: [], bytes: 2_500 },
  { method: 'eth_getBlockByNumber', params: ['latest', true], bytes: 20_000 },
] as const

/** A node that answers each call at once, with as many bytes as a real one. */
export async function startNode(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const answers = new Map(
    CALLS.map(({ method, bytes }) => [method, `{"jsonrpc":"2.0","id":1,"result":"0x${'ab'.repeat(bytes / 2)}"}`]),
  )
  const server = createServer((asked, response) => {
    let body = ''
    asked.setEncoding('utf8')
    asked.on('data', (chunk: string) => {
      body += chunk
    })
    asked.on('end', () => {
      const found = [...answers].find(([method]) => body.includes(method))
      response.writeHead(200, { 'content-type': 'application/json' }).end(found?.[1] ?? '{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** What a load has done since it was last asked: ms of each call answered, and the text of each other answer. */
export type Done = {
  readonly answered: readonly number[]
  readonly failed: readonly string[]
  readonly seconds: number
}

/** Calls a second, begun at even intervals whatever the answers take. */
export type Load = {
  /** Begins or ends; resolves when it is even, or when the last call is answered. */
  run(on: boolean): Promise<void>
  take(): Done
  close(): void
}

/** The time in which a load becomes even. */
const SETTLE_MS = 150

export function startLoad(url: string, callsASecond: number): Load {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port, pathname, username, password } = new URL(url)
  let answered: number[] = []
  let failed: string[] = []
  let seconds = 0
  let timer: NodeJS.Timeout | undefined
  let since = 0
  let begun = 0
  const waiting = new Set<Promise<void>>()
  const call = (number: number) =>
    new Promise<void>((resolve) => {
      const { method, params } = CALLS[number % CALLS.length] ?? CALLS[0]
      const started = performance.now()
      const options = { agent, hostname, port, path: pathname, method: 'POST', auth: `${username}:${password}` }
      const sent = request({ ...options, headers: { 'content-type': 'application/json' } }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          if (text.includes('"result":"0x')) answered.push(performance.now() - started)
          else failed.push(text.slice(0, 200))
          resolve()
        })
      })
      sent.on('error', (error) => {
        failed.push(error.message)
        resolve()
      })
      sent.end(JSON.stringify({ jsonrpc: '2.0', id: number, method, params }))
    })
  const beat = () => {
    const due = Math.floor(((performance.now() - since) * callsASecond) / 1000)
    for (; begun < due; begun++) {
      const asked = call(begun)
      waiting.add(asked)
      void asked.then(() => waiting.delete(asked))
    }
  }
  return {
    async run(on) {
      if (on === (timer !== undefined)) return
      if (on) {
        since = performance.now()
        begun = 0
        timer = setInterval(beat, 5)
        return await sleep(SETTLE_MS)
      }
      clearInterval(timer)
      timer = undefined
      seconds += (performance.now() - since) / 1000
      await Promise.all(waiting)
    },
    take() {
      const done = { answered, failed, seconds }
      answered = []
      failed = []
      seconds = 0
      return done
    },
    close: () => agent.destroy(),
  }
}
