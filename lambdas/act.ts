import { BatonError } from '../lib/errors.ts'
import { actInput, perform } from '../lib/lambda/act.ts'
import { patientChains } from '../lib/lambda/chains.ts'
import { formatDone, formatRefusal } from '../lib/lambda/widget/format-act.ts'
import { wrap } from '../lib/lambda/wrap.ts'

const { chains, log } = patientChains()

/**
 * Carries out an operator's act, from a button of the dashboard, an SSM document or a state machine,
 * and records it with who asked. A button is answered with a sentence, done or not; to everybody else
 * a refusal is an error with a name.
 */
export const handler = wrap(actInput, async (input) => {
  try {
    const done = await perform(await chains.ports(input.chain), input)
    return input.widgetContext ? formatDone(done) : done
  } catch (error) {
    if (!input.widgetContext || !(error instanceof BatonError)) throw error
    log.warn('an act was refused', { chain: input.chain, act: input.act, error })
    return formatRefusal(error)
  }
})
