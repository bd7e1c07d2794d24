import { randomBytes } from 'node:crypto'
import { type ChainConfig, parseConfig } from '../config/chain-config.ts'
import type { SimulatedChain } from './chain/chain.ts'

/** The nodes of the embedded default chain, in order of priority. */
export const simulatedNodes = ['ada', 'bob', 'cyd'] as const

const zones = ['zone-a', 'zone-b', 'zone-c'] as const

/** One secret a node, new for each run. */
export function simulatedSecrets(nodes: readonly string[] = simulatedNodes): Record<string, string> {
  return Object.fromEntries(nodes.map((name) => [name, randomBytes(12).toString('base64url')]))
}

/** The configuration that describes a simulated chain, as a person would have written it for a real one. */
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
