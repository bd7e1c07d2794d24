import { readEnvironment } from '../lib/lambda/environment.ts'
import { UnknownChainError } from '../lib/lambda/errors.ts'
import { powertoolsLog } from '../lib/lambda/log.ts'
import { readResequenceConfig, withCarrier } from '../lib/lambda/open-resequence.ts'
import { openStores } from '../lib/lambda/stores.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { carry } from '../lib/operations/resequence/lambda/carry.ts'
import { stepInput } from '../lib/operations/resequence/lambda/input.ts'
import { plan } from '../lib/operations/resequence/lambda/plan.ts'
import { PATIENT } from '../lib/store/dynamo/client.ts'
import { parameterStore } from '../lib/store/parameters.ts'

const environment = readEnvironment()
const log = powertoolsLog()
const { stores, objects } = openStores(environment, { ...PATIENT, objectTimeoutMs: 10_000 })
const read = parameterStore(environment.region, PATIENT)

/** The steps of the state machine that builds batches anew; the run's journal tells how far it is. */
export const handler = wrap(stepInput, async (input) => {
  const { chain, step } = input
  if (!environment.chains.includes(chain)) throw new UnknownChainError(chain, environment.chains)
  const config = await readResequenceConfig(read, environment, chain)
  const said: string[] = []
  const say = (message: string) => {
    log.info(`resequence: ${message}`, { chain })
    said.push(message)
  }
  return await withCarrier({ config, stores, objects, say }, input, async (carrier) => {
    if (step === 'plan') return await plan(carrier, input)
    const { done, told } = await carry(carrier, input)
    // What a person has to do is among it; what a state machine carries is bounded.
    return { done, told, said: said.slice(-20).map((message) => message.slice(0, 1_000)) }
  })
})
