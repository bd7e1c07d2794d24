import type { ChainConfig } from '../../lib/config/chain-config.ts'
import type { Policy } from '../../lib/protocol/policy.ts'
import { type Relay, relay } from './relay.ts'
import { type Stage, type StageOptions, setStage } from './stage.ts'

/** The address of each client as configured, by node. */
export type Addresses = Record<string, { readonly consensus: Relay; readonly execution: Relay }>

export type RelayedStage = { readonly stage: Stage; readonly at: Addresses; readonly close: () => Promise<void> }

export type RelayedStageOptions = Pick<StageOptions, 'conductorOf'> & {
  /** How many of the three nodes are configured. */
  readonly nodes?: number
  /** What differs from the usual policy. */
  readonly policy?: Partial<Policy>
}

/** The usual stage with a relay in front of each client. */
export async function relayedStage({ nodes = 3, policy, ...options }: RelayedStageOptions = {}): Promise<RelayedStage> {
  const at: Addresses = {}
  const configure = async (config: ChainConfig): Promise<ChainConfig> => {
    const kept = config.nodes.slice(0, nodes)
    const relayed = kept.map(async (node) => {
      const [consensus, execution] = await Promise.all([relay(node.consensus), relay(node.execution)])
      at[node.name] = { consensus, execution }
      return { ...node, consensus: consensus.url, execution: execution.url }
    })
    return { ...config, nodes: await Promise.all(relayed), policy: { ...config.policy, ...policy } }
  }
  const stage = await setStage({ ...options, configure })
  const close = async () => {
    await stage.close()
    await Promise.all(Object.values(at).flatMap(({ consensus, execution }) => [consensus.close(), execution.close()]))
  }
  return { stage, at, close }
}
