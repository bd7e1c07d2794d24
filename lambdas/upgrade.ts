import { patientChains } from '../lib/lambda/patient-chains.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepInput } from '../lib/operations/upgrade/lambda/input.ts'
import { step } from '../lib/operations/upgrade/lambda/step.ts'

const { chains, log } = patientChains()

/** The steps of the state machine of a rolling upgrade; how far it is, is observed and recorded. */
export const handler = wrap(stepInput, async (input) => {
  const result = await step(await chains.ports(input.chain), input)
  log.info(`upgrade: ${input.step}`, { chain: input.chain, ...result })
  return result
})
