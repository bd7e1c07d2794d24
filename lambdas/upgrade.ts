import { openChains } from '../lib/aws/chains.ts'
import { readEnvironment } from '../lib/aws/environment.ts'
import { powertoolsLog } from '../lib/aws/log.ts'
import { parameterStore } from '../lib/aws/parameters.ts'
import { openStores, PATIENT } from '../lib/aws/stores.ts'
import { stepInput } from '../lib/aws/upgrade/input.ts'
import { step } from '../lib/aws/upgrade/step.ts'
import { wrap } from '../lib/aws/wrap.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const chains = openChains(
  environment,
  openStores(environment, PATIENT),
  parameterStore(environment.region, PATIENT),
  log,
)

/** The steps of the state machine of a rolling upgrade; how far it is, is observed and recorded. */
export const handler = wrap(stepInput, async (input) => {
  const result = await step(await chains.ports(input.chain), input)
  log.info(`upgrade: ${input.step}`, { chain: input.chain, ...result })
  return result
})
