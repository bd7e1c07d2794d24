import { patientChains } from '../lib/lambda/patient-chains.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepInput } from '../lib/operations/backfill/lambda/input.ts'
import { plan } from '../lib/operations/backfill/lambda/plan.ts'
import { slice } from '../lib/operations/backfill/lambda/slice.ts'
import { openBackfill } from '../lib/operations/backfill/open.ts'

const { chains, log, parameter } = patientChains()

/**
 * The steps of the backfill state machine. Each may be called again without harm: what the node has is
 * how far it is.
 */
export const handler = wrap(stepInput, async (input) => {
  const config = await chains.config(input.chain)
  const ports = await openBackfill(config, await chains.ports(input.chain), { env: process.env, parameter })
  const result = await (input.step === 'plan' ? plan(ports, input) : slice(ports, input))
  log.info(`backfill: ${input.step}`, { chain: input.chain, node: input.node, ...result })
  return result
})
