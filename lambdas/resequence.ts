import { readEnvironment } from '../lib/lambda/environment.ts'
import { openResequencing } from '../lib/lambda/open-resequence.ts'
import { wrap } from '../lib/lambda/wrap.ts'
import { stepCall } from '../lib/operations/engine/take-step.ts'

const steps = openResequencing(readEnvironment())

/** Runs one step of re-sequencing; the run's journal records the progress. */
export const handler = wrap(stepCall, (call) => steps.take(call))
