import { request as ask, createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a proxy does instead of passing a request on. */
export type Trouble = (response: ServerResponse) => void

/** A proxy before one process of a node; without `trouble` it passes everything on. */
export type Front = {
  readonly url: string
  /** Asked for each request. */
  trouble: () => Trouble | undefined
  /** What of an answer's text is passed on. */
  rewrite: ((text: string) => string) | undefined
  close(): void
}

/** Starts a proxy on loopback; a process that is dead behind it is answered with 502. */
export async function openFront(target: string): Promise<Front> {
  const server = createServer((request, response) => {
    const trouble = front.trouble()
    if (trouble) return void request.resume().on('end', () => trouble(response))
    const { method = 'POST', headers } = request
    const onward = ask(target, { method, headers, agent: false }, (answer) => {
      const { rewrite } = front
      if (!rewrite) return void answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers))
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => response.end(rewrite(Buffer.concat(chunks).toString())))
    })
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end('bad gateway')))
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const front: Front = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble: () => undefined,
    rewrite: undefined,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return front
}

/** Everything that was seen to stand between a monitor and a node. */
export const troubles = {
  '502': (response) => response.writeHead(502).end('bad gateway'),
  '503 with JSON-RPC': (response) =>
    response
      .writeHead(503)
      .end('{"jsonrpc":"2.0","id":null,"error":{"code":-32011,"message":"no backends available"}}'),
  '500 page': (response) => response.writeHead(500).end('<html>oops</html>'),
  '401 of a proxy': (response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end('authenticate'),
  '429': (response) => response.writeHead(429).end('slow down'),
  '301': (response) => response.writeHead(301, { location: 'https://elsewhere.example/' }).end(),
  '308': (response) => response.writeHead(308, { location: 'https://elsewhere.example/' }).end(),
  'a page with 200': (response) => response.writeHead(200).end('<html>sign in</html>'),
  'an empty body': (response) => response.writeHead(200).end(),
  'JSON that is no answer': (response) => response.writeHead(200).end('{"status":"ok"}'),
  'garbage for chunks': (response) =>
    void response.socket?.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz'),
  'a body that drips': (response) => {
    const drip = setInterval(() => response.write(' '), 50)
    response.writeHead(200).on('close', () => clearInterval(drip))
  },
  'a cut connection': (response) => void response.socket?.destroy(),
} satisfies Record<string, Trouble>
