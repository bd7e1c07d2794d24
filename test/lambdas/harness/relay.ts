import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be made to hang, as a network does that swallows packets. */
export type Relay = { readonly endpoint: string; hang(): void; close(): void }

/** Opens a relay to an endpoint on loopback. */
export async function startRelay(to: string): Promise<Relay> {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  let hangs = false
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    if (hangs) return
    const upstream = connect(Number(port), hostname)
    sockets.add(upstream.on('error', () => client.destroy()))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hang() {
      hangs = true
      for (const socket of sockets) socket.pause().unpipe()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
