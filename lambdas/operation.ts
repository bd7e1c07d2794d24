import { openOperation } from '../lib/lambda/operations.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepCall } from '../lib/operations/engine/take-step.ts'

const steps = openOperation()

/**
 * Carries out one step of the operation this function was deployed for (`BATON_OPERATION`). Each step may be called
 * again without harm, unless its state machine calls it once. A state machine may catch an error by its name.
 */
export const handler = wrap(stepCall, (call) => steps.take(call))
