import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be made to fail. */
export type Relay = {
  readonly endpoint: string
  /** Swallows all packets. */
  hang(): void
  /** Cuts all connections and takes no new ones. */
  refuse(): void
  /** Answers each request with a server error. */
  err(): void
  close(): void
}

const SERVER_ERROR =
  'HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}'

/** Opens a relay to an endpoint on loopback. */
export async function startRelay(to: string): Promise<Relay> {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  let mode: 'relays' | 'hangs' | 'errs' = 'relays'
  const answerError = (socket: Socket) => socket.on('data', () => socket.write(SERVER_ERROR))
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    if (mode === 'errs') answerError(client)
    if (mode !== 'relays') return
    const upstream = connect(Number(port), hostname)
    sockets.add(upstream.on('error', () => client.destroy()))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang() {
      mode = 'hangs'
      for (const socket of sockets) socket.pause().unpipe()
    },
    refuse() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
    err() {
      mode = 'errs'
      // An open connection is cut, as a front end that goes does; the next ones get errors.
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
