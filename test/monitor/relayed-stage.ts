import type { ChainConfig } from '../../lib/config/chain-config.ts'
import { type Relay, relay } from './relay.ts'
import { type Stage, type StageOptions, setStage } from './stage.ts'

/** The address of each client as configured, by node. */
export type Addresses = Record<string, { readonly consensus: Relay; readonly execution: Relay }>

export type RelayedStage = { readonly stage: Stage; readonly at: Addresses; readonly close: () => Promise<void> }

/** The usual stage with a relay in front of each client; `nodes` = how many of the three are configured. */
export async function relayedStage({
  nodes = 3,
  ...options
}: Pick<StageOptions, 'conductorOf'> & { readonly nodes?: number } = {}): Promise<RelayedStage> {
  const at: Addresses = {}
  const configure = async (config: ChainConfig): Promise<ChainConfig> => {
    const kept = config.nodes.slice(0, nodes)
    const relayed = kept.map(async (node) => {
      const [consensus, execution] = await Promise.all([relay(node.consensus), relay(node.execution)])
      at[node.name] = { consensus, execution }
      return { ...node, consensus: consensus.url, execution: execution.url }
    })
    return { ...config, nodes: await Promise.all(relayed) }
  }
  const stage = await setStage({ ...options, configure })
  const close = async () => {
    await stage.close()
    await Promise.all(Object.values(at).flatMap(({ consensus, execution }) => [consensus.close(), execution.close()]))
  }
  return { stage, at, close }
}
