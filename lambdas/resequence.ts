import { readEnvironment } from '../lib/lambda/environment.ts'
import { openResequencing } from '../lib/lambda/open-resequence.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepCall } from '../lib/operations/engine/take-step.ts'

const steps = openResequencing(readEnvironment())

/** Carries out one step of re-sequencing; the run's journal says how far it is. */
export const handler = wrap(stepCall, (call) => steps.take(call))
