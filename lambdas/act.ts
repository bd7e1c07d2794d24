import { BatonError } from '../lib/errors.ts'
import { actInput, perform } from '../lib/lambda/act.ts'
import { checkApproval } from '../lib/lambda/approvals.ts'
import { patientChains } from '../lib/lambda/chains.ts'
import { formatDone, formatRefusal } from '../lib/lambda/widget/format-act.ts'
import { wrap } from '../lib/lambda/wrap.ts'

const { chains, log, approvals } = patientChains()

/**
 * Applies an operator's act from a dashboard button, an SSM document or a state machine, and records who requested it.
 * A button gets a sentence, whether done or refused; other callers get a refusal as a named error.
 */
export const handler = wrap(actInput, async (input) => {
  try {
    checkApproval(input, approvals)
    const done = await perform(await chains.ports(input.chain), input)
    return input.widgetContext ? formatDone(done) : done
  } catch (error) {
    if (!input.widgetContext || !(error instanceof BatonError)) throw error
    log.warn('an act was refused', { chain: input.chain, act: input.act, error })
    return formatRefusal(error)
  }
})
