import { openChains } from '../lib/aws/chains.ts'
import { stepInput } from '../lib/aws/crash-recovery/input.ts'
import { step } from '../lib/aws/crash-recovery/step.ts'
import { readEnvironment } from '../lib/aws/environment.ts'
import { powertoolsLog } from '../lib/aws/log.ts'
import { parameterStore } from '../lib/aws/parameters.ts'
import { openStores, PATIENT } from '../lib/aws/stores.ts'
import { wrap } from '../lib/aws/wrap.ts'
import { openBackfill } from '../lib/backfill/open.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const read = parameterStore(environment.region, PATIENT)
const chains = openChains(environment, openStores(environment, PATIENT), read, log)
const parameter = async (name: string) => (await read([name])).get(name)?.value

/**
 * The steps of the crash recovery state machine. What is seen of the node is how far it is. Lambda
 * traces its runs; a tracer of our own would be a sixth of the bundle, and the history tells more.
 */
export const handler = wrap(stepInput, async (input) => {
  const config = await chains.config(input.chain)
  const ports = await openBackfill(config, await chains.ports(input.chain), { env: process.env, parameter })
  const result = await step(ports, input)
  log.info(`crash recovery: ${input.step}`, { chain: input.chain, node: input.node, ...result })
  return result
})
