import { openChains } from '../lib/aws/chains.ts'
import { stepInput } from '../lib/aws/disaster/input.ts'
import { step } from '../lib/aws/disaster/step.ts'
import { readEnvironment } from '../lib/aws/environment.ts'
import { powertoolsLog } from '../lib/aws/log.ts'
import { parameterStore } from '../lib/aws/parameters.ts'
import { openStores, PATIENT } from '../lib/aws/stores.ts'
import { wrap } from '../lib/aws/wrap.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const chains = openChains(
  environment,
  openStores(environment, PATIENT),
  parameterStore(environment.region, PATIENT),
  log,
)

/** The steps of the state machine that brings a chain back by hand; each changes nothing unless the hash is right. */
export const handler = wrap(stepInput, async (input) => {
  const result = await step(await chains.ports(input.chain), input)
  log.info(`disaster: ${input.kind}, ${input.step}`, { chain: input.chain, by: input.by, ...result })
  return result
})
