import { randomBytes } from 'node:crypto'
import { openHost } from '../host/open-host.ts'
import { rpcNodePort } from '../monitor/node-port.ts'
import type { ChainPorts, Clock } from '../monitor/ports.ts'
import { type ChainConfig, deriveProtocol } from '../store/config.ts'
import type { Log } from '../telemetry.ts'
import type { OpenStores } from './open-stores.ts'

/** The real clock. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}

/** What the monitor and the operator's acts of a configured chain work with. */
export function chainPorts(
  config: ChainConfig,
  { stores, objects }: Pick<OpenStores, 'stores' | 'objects'>,
  log: Log,
): ChainPorts {
  const { chain: id, nodes, policy } = deriveProtocol(config)
  const ports = new Map(
    config.nodes.map(({ name, consensus, execution }) => [
      name,
      rpcNodePort({ name, consensus, execution, probeTimeoutMs: config.probeTimeoutMs }, systemClock),
    ]),
  )
  const hosts = new Map(config.nodes.flatMap(({ name, host }) => (host ? [[name, openHost(host)] as const] : [])))
  return {
    ...stores,
    objects,
    log,
    nodes,
    policy,
    chain: { id, name: config.chain.name },
    clock: systemClock,
    suffix: ascendingSuffix(randomBytes(2).toString('hex')),
    host: (node) => hosts.get(node),
    port: (node) => {
      const port = ports.get(node)
      if (!port) throw new Error(`node "${node}" is not configured`)
      return port
    },
  }
}

/** Suffixes that sort in the order they were made, so that History keeps the order of one millisecond. */
export function ascendingSuffix(process: string): () => string {
  let made = 0
  return () => `${String(made++ % 10_000).padStart(4, '0')}${process}`
}
