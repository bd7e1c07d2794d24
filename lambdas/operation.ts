import { openOperation } from '../lib/lambda/operations.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepCall } from '../lib/operations/engine/take-step.ts'

const steps = openOperation()

/**
 * Runs one step of this function's operation (`BATON_OPERATION`). Each step is idempotent, unless its state machine
 * calls it once. A state machine may catch an error by its name.
 */
export const handler = wrap(stepCall, (call) => steps.take(call))
