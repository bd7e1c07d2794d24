import { randomBytes } from 'node:crypto'
import type { AwsAccess } from '../aws/signed-fetch.ts'
import { watchBuilders } from '../builder/watch.ts'
import { createNodeClient, type NodeClient } from '../chain/client.ts'
import { getRollupConfig, type RollupConfig } from '../chain/rollup-config.ts'
import { type ChainConfig, deriveProtocol } from '../config/chain-config.ts'
import { openHost } from '../host/open-host.ts'
import { watchL1 } from '../l1/watch.ts'
import type { Log } from '../log.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import { fleetBook } from './node-identity.ts'
import { rpcNodePort } from './node-port.ts'
import { type ChainPorts, type Clock, systemClock } from './ports.ts'

/** The open parts of a chain. `aws`: access to machines behind Systems Manager; absent = from the environment. */
export type Opened = { readonly stores: Stores; readonly objects: ObjectStore; readonly aws?: AwsAccess }

/** L1 endpoints are slow, and nothing waits for them. */
const L1_TIMEOUT_MS = 5_000

/**
 * The ports of a configured chain, for the monitor and the operator's acts. `port` throws for a node that is not
 * configured: names are checked at the edge.
 */
export function chainPorts(
  config: ChainConfig,
  { stores, objects, aws }: Opened,
  log: Log,
  clock: Clock = systemClock,
): ChainPorts {
  const { chain: id, nodes, policy } = deriveProtocol(config)
  const names = nodes.map(({ name }) => name)
  const book = fleetBook(id, names, clock.now)
  const ports = new Map(
    config.nodes.map(({ name, consensus, execution }) => [
      name,
      rpcNodePort({ name, consensus, execution, probeTimeoutMs: config.probeTimeoutMs }, clock, book),
    ]),
  )
  const rollupClients = config.nodes.map(({ consensus }) => createNodeClient(consensus, { timeoutMs: L1_TIMEOUT_MS }))
  const l1 =
    config.l1 &&
    watchL1({
      settings: config.l1,
      client: createNodeClient(config.l1.rpc, { timeoutMs: L1_TIMEOUT_MS }),
      rollup: () => Promise.any(rollupClients.map((client) => ownRollup(client, BigInt(config.chain.id)))),
      now: clock.now,
      monotonic: clock.monotonic,
    })
  const built = config.nodes.filter(({ boost, flashblocks }) => boost ?? flashblocks)
  const hosts = new Map(config.nodes.flatMap(({ name, host }) => (host ? [[name, openHost(host, aws)] as const] : [])))
  return {
    ...stores,
    objects,
    log,
    nodes,
    policy,
    chain: { id, name: config.chain.name },
    clock,
    ...(l1 && { l1 }),
    ...(built.length > 0 && { builders: watchBuilders(built, policy, clock) }),
    suffix: ascendingSuffix(randomBytes(2).toString('hex')),
    host: (node) => hosts.get(node),
    port: (node) => {
      const port = ports.get(node)
      if (!port) throw new Error(`node "${node}" is not configured`)
      return port
    },
  }
}

/** The rollup's configuration, from a node proved to be of this chain: a wrong address would yield another inbox. */
async function ownRollup(client: NodeClient, chainId: bigint): Promise<RollupConfig> {
  const rollup = await getRollupConfig(client)
  if (rollup.l2ChainId !== chainId) throw new Error(`the rollup of chain ${rollup.l2ChainId}, not ${chainId}`)
  return rollup
}

/** Suffixes that sort in creation order, so that History keeps the order within a millisecond. */
export function ascendingSuffix(process: string): () => string {
  let made = 0
  return () => `${String(made++ % 10_000).padStart(4, '0')}${process}`
}

/** Checks that a gate answers: `GET /healthz` within `timeoutMs`. Behind an API, `url` includes the stage. */
export function gateProbe(url: string, timeoutMs = 500) {
  return async (): Promise<{ ok: true } | { ok: false; message: string }> => {
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/healthz`, { signal: AbortSignal.timeout(timeoutMs) })
      await response.body?.cancel()
      return response.ok ? { ok: true } : { ok: false, message: `HTTP ${response.status}` }
    } catch (error) {
      const { cause, message } = error as Error
      return { ok: false, message: cause instanceof Error ? cause.message : message }
    }
  }
}
