import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

/** The health endpoint and the stream of a rollup-boost on a real socket. */
export type BoostServer = {
  readonly health: string
  readonly flashblocks: string
  /** What the health endpoint answers next; `undefined` = nothing. */
  answers: { readonly status: number; readonly body?: string } | undefined
  readonly asked: IncomingMessage[]
  /** Sends a flashblock to every listener; returns how many there are. */
  stream(text: string): number
  /** Cuts every listener off. */
  cut(): void
  close(): Promise<void>
}

/** What RFC 6455 appends to the key of a handshake. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Listens on a port, by default a free one. */
export async function boostServer(port = 0): Promise<BoostServer> {
  const sockets = new Set<Duplex>()
  const server: Server = createServer((request, response) => {
    boost.asked.push(request)
    if (boost.answers) response.writeHead(boost.answers.status).end(boost.answers.body)
  })
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    // A listener only ever sends a frame to close: opcode 8.
    socket.on('data', (frame: Buffer) => {
      if (((frame[0] ?? 0) & 0x0f) === 8) socket.end(Buffer.from([0x88, 0]))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const boost: BoostServer = {
    health: `http://${address}/healthz`,
    flashblocks: `ws://${address}/`,
    answers: { status: 200 },
    asked: [],
    stream(text) {
      const bytes = Buffer.from(text)
      // A final text frame of at most 125 bytes, unmasked, as a server sends it.
      for (const socket of sockets) socket.write(Buffer.concat([Buffer.from([0x81, bytes.length]), bytes]))
      return sockets.size
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      boost.cut()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return boost
}
