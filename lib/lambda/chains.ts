import type { ChainConfig } from '../config/chain-config.ts'
import { chainPorts, gateProbe } from '../context/chain-ports.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { Log } from '../log.ts'
import type { ReadParameters } from '../store/parameters.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import { type Cached, cached } from './cached.ts'
import { readChainConfig } from './chain-config.ts'
import type { Environment } from './environment.ts'
import { UnknownChainError } from './errors.ts'

/** The chains a function serves. */
export type Chains = {
  readonly ids: readonly string[]
  /**
   * What the monitor and the operator's acts of a chain work with, by its configuration of now.
   *
   * @throws UnknownChainError when the function does not serve it.
   * @throws ConfigurationError | StoreUnavailableError when there is no configuration to go by.
   */
  ports(chain: string): Promise<ChainPorts>
  /** The configuration itself, checked. Throws as {@link ports}. */
  config(chain: string): Promise<ChainConfig>
}

/** Opens the chains of a function; each one's configuration is read when it is first needed, and again after a minute. */
export function openChains(
  { chains, parameters, gateUrl }: Environment,
  open: { readonly stores: Stores; readonly objects: ObjectStore },
  read: ReadParameters,
  log: Log,
): Chains {
  const configs = new Map<string, Cached<ChainConfig>>(
    chains.map((chain) => {
      const onFailure = (error: unknown) =>
        log.error('configuration not read; the last one stays in force', { chain, error })
      return [chain, cached(() => readChainConfig(read, parameters, chain, log), { onFailure, patienceMs: 2_000 })]
    }),
  )
  const configOf = async (chain: string) => {
    const config = configs.get(chain)
    if (!config) throw new UnknownChainError(chain, chains)
    return config.get()
  }
  return {
    ids: chains,
    config: configOf,
    async ports(chain) {
      const ports = chainPorts(await configOf(chain), open, log)
      return gateUrl === undefined ? ports : { ...ports, gate: gateProbe(gateUrl) }
    },
  }
}
