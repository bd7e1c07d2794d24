import { patientChains } from '../lib/lambda/patient-chains.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { check } from '../lib/operations/switchover/lambda/check.ts'
import { stepInput } from '../lib/operations/switchover/lambda/input.ts'
import { request } from '../lib/operations/switchover/lambda/request.ts'
import { verify } from '../lib/operations/switchover/lambda/verify.ts'
import { watch } from '../lib/operations/switchover/lambda/watch.ts'

const { chains, log } = patientChains()
const steps = { check, request, watch, verify } as const

/**
 * The steps of the switchover state machine. Each may be called again without harm. The errors a
 * definition may catch by name: RefusedActError (nothing was changed), NotVerifiedError,
 * InvalidInputError, UnknownChainError, ConfigurationError, and StoreUnavailableError, which is worth
 * a retry.
 */
export const handler = wrap(stepInput, async (input) => {
  const ports = await chains.ports(input.chain)
  const result = await steps[input.step](ports, input)
  log.info(`switchover: ${input.step}`, { chain: input.chain, ...result })
  return result
})
