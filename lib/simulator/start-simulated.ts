import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ChainConfig, parseConfig } from '../config/chain-config.ts'
import { freePortOr } from '../free-port.ts'
import type { Host } from '../host/host.ts'
import type { Faults } from '../page/acts.ts'
import { type SimulatedChain, startSimulatedChain } from './chain/chain.ts'
import { simulatedHost } from './chain/host.ts'
import { simulatedFaults } from './faults.ts'

/** A running simulated chain, and its faults. */
export type Simulated = {
  readonly faults: Faults
  readonly host: (node: string) => Host | undefined
  readonly stop: () => Promise<void>
}

/** Starts a chain of three simulated nodes from scratch in its folder, and returns its configuration. */
export async function startSimulated(
  folder: string,
  blockTimeMs = 2_000,
  wantedPort?: number,
): Promise<{ readonly config: ChainConfig; readonly simulated: Simulated }> {
  rmSync(join(folder, 'simulated'), { recursive: true, force: true })
  const gatePort = wantedPort ?? (await freePortOr(8547))
  const secrets = simulatedSecrets()
  const conductorUrl = (node: string) =>
    `http://${node}:${secrets[node]}@127.0.0.1:${gatePort}/v1/chains/901/nodes/${node}`
  const chain = await startSimulatedChain({ conductorUrl, blockTimeMs, nodes: simulatedNodes })
  const hosts = new Map(chain.nodes.map((node) => [node.name, simulatedHost(node)]))
  return {
    config: simulatedConfig(chain, secrets, gatePort),
    simulated: { faults: simulatedFaults(chain), host: (node) => hosts.get(node), stop: () => chain.stop() },
  }
}

/** The nodes of the embedded default chain, in order of priority. */
export const simulatedNodes = ['ada', 'bob', 'cyd'] as const

const zones = ['zone-a', 'zone-b', 'zone-c'] as const

/** One secret a node, new for each run. */
export function simulatedSecrets(nodes: readonly string[] = simulatedNodes): Record<string, string> {
  return Object.fromEntries(nodes.map((name) => [name, randomBytes(12).toString('base64url')]))
}

/** The configuration of a simulated chain, as a person would write it for a real one. */
export function simulatedConfig(chain: SimulatedChain, secrets: Record<string, string>, gatePort: number): ChainConfig {
  const nodes = chain.nodes.map(({ name, consensusUrl, executionUrl }, i) => ({
    name,
    zone: zones[i] ?? 'zone',
    priority: 100 - 10 * i,
    consensus: consensusUrl,
    execution: executionUrl,
    secrets: [secrets[name]],
  }))
  const { chainId: id, blockTimeMs } = chain
  return parseConfig(JSON.stringify({ chain: { id, name: 'simulated', blockTimeMs }, nodes, gate: { port: gatePort } }))
}
