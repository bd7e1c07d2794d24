import { patientChains } from '../lib/lambda/patient-chains.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { openBackfill } from '../lib/operations/backfill/open.ts'
import { stepInput } from '../lib/operations/crash-recovery/lambda/input.ts'
import { step } from '../lib/operations/crash-recovery/lambda/step.ts'

const { chains, log, parameter } = patientChains()

/** The steps of the crash recovery state machine. What is seen of the node is how far it is. */
export const handler = wrap(stepInput, async (input) => {
  const config = await chains.config(input.chain)
  const ports = await openBackfill(config, await chains.ports(input.chain), { env: process.env, parameter })
  const result = await step(ports, input)
  log.info(`crash recovery: ${input.step}`, { chain: input.chain, node: input.node, ...result })
  return result
})
