import { ConfigurationError, parseJson } from '../config/error.ts'
import { parameterNames } from '../config/parameter-names.ts'
import { takeStep } from '../operations/engine/take-step.ts'
import { parseResequenceConfig, type ResequenceConfig } from '../operations/resequence/config.ts'
import { resequence } from '../operations/resequence/operation.ts'
import { PATIENT } from '../store/dynamo/client.ts'
import { parameterStore, type ReadParameters } from '../store/parameters.ts'
import { UnknownChainError } from './chains.ts'
import type { Environment } from './environment.ts'
import { powertoolsLog } from './log.ts'
import { logged, type Steps } from './steps.ts'
import { openStores } from './stores.ts'

/**
 * Reads the configuration of a re-sequenceable chain; this deployment sets its store.
 *
 * @throws ConfigurationError
 */
async function readResequenceConfig(
  read: ReadParameters,
  { parameters, bucket, tables }: Environment,
  chain: string,
): Promise<ResequenceConfig> {
  const name = parameterNames(parameters, chain).resequence
  const found = (await read([name])).get(name)
  if (!found) {
    const write = 'the chain to the deployment, see docs/resequence.md'
    throw new ConfigurationError(name, [{ path: '', problem: 'there is no such parameter', write }])
  }
  const written = parseJson(found.value, name) as object
  return parseResequenceConfig({ ...written, store: { tables, objects: { kind: 's3', bucket } } }, name)
}

/** The steps of re-sequencing. cdk-erigon chains have their own configuration format. */
export function openResequencing(environment: Environment): Steps {
  const log = powertoolsLog()
  const { stores, objects } = openStores(environment, { ...PATIENT, objectTimeoutMs: 10_000 })
  const read = parameterStore(environment.region, PATIENT)
  return logged(log, resequence.name, async (call, chain) => {
    if (!environment.chains.includes(chain)) throw new UnknownChainError(chain, environment.chains)
    const config = await readResequenceConfig(read, environment, chain)
    const report = (text: string) => log.info(`resequence: ${text}`, { chain })
    return await takeStep(resequence, { config, stores, objects }, call, { report })
  })
}
