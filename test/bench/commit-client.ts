import { Agent, request } from 'node:http'

/** One kept-alive connection to a `--conductor.rpc` URL, with its credentials, as op-node has it. */
export type ConductorClient = {
  /** Sends a JSON-RPC body and resolves to what came back and how long that took in ms. */
  send(body: Buffer): Promise<{ readonly ms: number; readonly status: number; readonly text: string }>
  close(): void
}

export function conductorClient(url: string): ConductorClient {
  const { hostname, port, pathname, username, password } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const auth = username === '' ? {} : { auth: `${username}:${password}` }
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': body.length }
        const started = performance.now()
        const sent = request(
          { agent, hostname, port, path: pathname, method: 'POST', headers, ...auth },
          (response) => {
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (chunk: string) => {
              text += chunk
            })
            response.on('end', () =>
              resolve({ ms: performance.now() - started, status: response.statusCode ?? 0, text }),
            )
          },
        )
        sent.on('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}
