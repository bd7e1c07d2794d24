import { patientChains } from '../lib/lambda/patient-chains.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepInput } from '../lib/operations/disaster/lambda/input.ts'
import { step } from '../lib/operations/disaster/lambda/step.ts'

const { chains, log } = patientChains()

/** The steps of the state machine that brings a chain back by hand; each changes nothing unless the hash is right. */
export const handler = wrap(stepInput, async (input) => {
  const result = await step(await chains.ports(input.chain), input)
  log.info(`disaster: ${input.kind}, ${input.step}`, { chain: input.chain, by: input.by, ...result })
  return result
})
