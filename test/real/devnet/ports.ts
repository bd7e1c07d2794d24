import { createServer } from 'node:net'

// Below the range systems give to outgoing connections: a program that is killed and started again
// finds its port still free.
const LOWEST = 20_000
const HIGHEST = 30_000

/** Test files that run side by side do so in processes of their own: each takes its ports elsewhere. */
const SHARE = 2_500
const FIRST = LOWEST + ((Number(process.env.VITEST_POOL_ID ?? 0) * SHARE) % (HIGHEST - LOWEST))

/** Given out by this process, so that two devnets of one process do not meet. */
const taken = new Set<number>()

/** Loopback TCP ports where nothing listens, each given out once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 100 * count) throw new Error(`found no ${count} free ports from ${FIRST} to ${FIRST + SHARE}`)
    const port = FIRST + Math.floor(Math.random() * SHARE)
    if (taken.has(port) || !(await isFree(port))) continue
    taken.add(port)
    ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
