import type { ChainConfig } from '../config/chain-config.ts'
import { chainPorts, gateProbe } from '../context/chain-ports.ts'
import type { ChainPorts } from '../context/ports.ts'
import { BatonError } from '../errors.ts'
import type { Log } from '../log.ts'
import { PATIENT } from '../store/dynamo/client.ts'
import { parameterStore, type ReadParameters } from '../store/parameters.ts'
import type { ObjectStore, Stores } from '../store/stores.ts'
import { type Cached, cached } from './cached.ts'
import { deployedFirst, readChainConfig } from './chain-config.ts'
import { type Environment, readEnvironment } from './environment.ts'
import { powertoolsLog } from './log.ts'
import { openStores } from './stores.ts'

/** The chains a function serves. */
export type Chains = {
  readonly ids: readonly string[]
  /**
   * The ports of a chain for the monitor and operators' acts, from its current configuration.
   *
   * @throws UnknownChainError when the function does not serve it.
   * @throws ConfigurationError | StoreUnavailableError when there is no usable configuration.
   */
  ports(chain: string): Promise<ChainPorts>
  /** The validated configuration itself. Throws as {@link ports}. */
  config(chain: string): Promise<ChainConfig>
}

/** Opens the chains of a function. Reads each configuration on first use, and again after a minute. */
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
      return [chain, cached(() => readChainConfig(read, parameters, chain, log), { onFailure, waitMs: 2_000 })]
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

/** The chains of a function that a person or a state machine waits for. */
type PatientChains = {
  readonly log: ReturnType<typeof powertoolsLog>
  readonly chains: Chains
  /** The value of one parameter, such as an engine's secret. */
  readonly parameter: (name: string) => Promise<string | undefined>
  /** See {@link Environment.approvals}. */
  readonly approvals: string | undefined
}

/** Opens the chains of this function's environment, with time to retry each call once. */
export function patientChains(): PatientChains {
  const environment = readEnvironment()
  const log = powertoolsLog()
  const read = deployedFirst(parameterStore(environment.region, PATIENT), environment)
  return {
    log,
    approvals: environment.approvals,
    chains: openChains(environment, openStores(environment, PATIENT), read, log),
    parameter: async (name) => (await read([name])).get(name)?.value,
  }
}

/** The function does not serve the requested chain. */
export class UnknownChainError extends BatonError {
  override readonly name = 'UnknownChainError'
  override readonly code = 'unknown-chain'

  constructor(chain: string, known: readonly string[]) {
    super({ message: `there is no chain "${chain}" here`, remedy: `Name one of ${known.join(', ')}.` })
  }
}
