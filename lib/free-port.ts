import { once } from 'node:events'
import { createServer } from 'node:net'

/** The wanted port if it is free on loopback, otherwise any free one. */
export async function freePortOr(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer()
    const bound = await new Promise<number | undefined>((resolve) => {
      server.once('error', () => resolve(undefined))
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    if (bound === undefined) continue
    server.close()
    await once(server, 'close')
    return bound
  }
  throw new Error('no free port on 127.0.0.1')
}
