import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Meter } from './meter.ts'

/** What stands before the emulator. */
export type Front = { readonly url: string; close(): void }

/**
 * TLS ends before AWS sees a request, and policies ask whether it was there. The emulator believes a
 * header: this sets it, and passes everything else on as it is, signatures included.
 */
export async function startFront(port: number, meter?: Meter): Promise<Front> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    if (meter) {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => meter.note(method, url, headers, Buffer.concat(chunks)))
    }
    const onward = send(
      {
        host: '127.0.0.1',
        port,
        method,
        path: url,
        headers: { ...headers, 'x-forwarded-proto': 'https' },
        agent: false,
      },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers)
        reply.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    request.on('error', () => onward.destroy())
    request.pipe(onward)
  })
  server.keepAliveTimeout = 65_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}
