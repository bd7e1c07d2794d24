import { stepInput } from '../lib/aws/disaster/input.ts'
import { step } from '../lib/aws/disaster/step.ts'
import { patientChains } from '../lib/aws/patient-chains.ts'
import { wrap } from '../lib/aws/wrap.ts'

const { chains, log } = patientChains()

/** The steps of the state machine that brings a chain back by hand; each changes nothing unless the hash is right. */
export const handler = wrap(stepInput, async (input) => {
  const result = await step(await chains.ports(input.chain), input)
  log.info(`disaster: ${input.kind}, ${input.step}`, { chain: input.chain, by: input.by, ...result })
  return result
})
