import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * How the proxy treats what passes through it: `cut` refuses and ends connections; `pause` keeps them
 * and delivers nothing until it passes again; `lose-answers` delivers requests and ends the
 * connection when the answer comes.
 */
export type ProxyMode = 'pass' | 'cut' | 'pause' | 'lose-answers'

/** A TCP proxy on loopback in front of a port, which can fail in the ways networks do. */
export type TcpProxy = { readonly port: number; set(mode: ProxyMode): void; close(): Promise<void> }

export async function tcpProxy(target: number): Promise<TcpProxy> {
  let mode: ProxyMode = 'pass'
  const pairs = new Set<{ near: Socket; far: Socket }>()

  const server = createServer((near) => {
    if (mode === 'cut') return void near.resetAndDestroy()
    const far = connect(target, '127.0.0.1')
    const pair = { near, far }
    pairs.add(pair)
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      if (mode === 'lose-answers') near.resetAndDestroy()
      else near.write(bytes)
    })
    near.on('end', () => far.end())
    far.on('end', () => near.end())
    for (const socket of [near, far]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        if (mode !== 'pause') pairs.delete(pair)
      })
    }
    if (mode === 'pause') hold(pair)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const hold = ({ near, far }: { near: Socket; far: Socket }) => {
    far.cork()
    far.pause()
    near.resume()
  }
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      mode = next
      for (const pair of pairs) {
        const { near, far } = pair
        if (next === 'cut') {
          near.resetAndDestroy()
          far.resetAndDestroy()
        } else if (next === 'pause') hold(pair)
        else {
          far.uncork()
          far.resume()
        }
      }
    },
    async close() {
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      server.close()
      await once(server, 'close')
    },
  }
}
