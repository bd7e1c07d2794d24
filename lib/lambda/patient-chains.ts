import { PATIENT } from '../store/dynamo/client.ts'
import { parameterStore } from '../store/parameters.ts'
import { type Chains, openChains } from './chains.ts'
import { readEnvironment } from './environment.ts'
import { powertoolsLog } from './log.ts'
import { openStores } from './stores.ts'

/** What a function works with that a person or a state machine waits for. */
export type PatientChains = {
  readonly log: ReturnType<typeof powertoolsLog>
  readonly chains: Chains
  /** The value of one parameter, such as an engine's secret. */
  readonly parameter: (name: string) => Promise<string | undefined>
}

/** Opens the chains of this function's environment, with time for a second try of each call. */
export function patientChains(): PatientChains {
  const environment = readEnvironment()
  const log = powertoolsLog()
  const read = parameterStore(environment.region, PATIENT)
  return {
    log,
    chains: openChains(environment, openStores(environment, PATIENT), read, log),
    parameter: async (name) => (await read([name])).get(name)?.value,
  }
}
