import * as v from 'valibot'
import { readInput } from '../operations/engine/errors.ts'
import { chainId } from '../operations/engine/inputs.ts'
import type { StepCall, Taken } from '../operations/engine/take-step.ts'
import type { powertoolsLog } from './log.ts'

/** The steps of one operation. */
export type Steps = { readonly take: (call: StepCall) => Promise<Taken> }

const chainOf = v.object({ chain: chainId })

/** Logs the result of each step. `take` gets the step's chain. */
export function logged(
  log: ReturnType<typeof powertoolsLog>,
  name: string,
  take: (call: StepCall, chain: string) => Promise<Taken>,
): Steps {
  return {
    async take(call) {
      const { chain } = readInput(chainOf, call.input)
      const taken = await take(call, chain)
      log.info(`${name}: ${call.step}`, { chain, outcome: taken.outcome, text: taken.text })
      return taken
    },
  }
}
