import { readEnvironment } from '../lib/aws/environment.ts'
import { UnknownChainError } from '../lib/aws/errors.ts'
import { powertoolsLog } from '../lib/aws/log.ts'
import { parameterStore } from '../lib/aws/parameters.ts'
import { carry } from '../lib/aws/resequence/carry.ts'
import { stepInput } from '../lib/aws/resequence/input.ts'
import { readResequenceConfig, withCarrier } from '../lib/aws/resequence/open.ts'
import { plan } from '../lib/aws/resequence/plan.ts'
import { openStores } from '../lib/aws/stores.ts'
import { wrap } from '../lib/aws/wrap.ts'
import { PATIENT } from '../lib/store/dynamo/client.ts'

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
