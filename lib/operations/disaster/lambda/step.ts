import type { ChainPorts } from '../../../context/ports.ts'
import { runDisaster } from '../procedure.ts'
import { actOf, asker, type StepInput } from './input.ts'
import { type Seen, see } from './see.ts'
import { type Surveyed, survey } from './survey.ts'

/**
 * One step of the state machine. `survey` and `see` change nothing; `act` is not to be called again by a
 * machine: what it came to is for a person to look at.
 *
 * @throws RefusedActError, NotVerifiedError, StoreUnavailableError
 */
export async function step(ports: ChainPorts, input: StepInput, patienceMs?: number): Promise<Surveyed | Seen> {
  switch (input.step) {
    case 'survey':
      return await survey(ports, input)
    case 'act':
      return { told: (await runDisaster(ports, actOf(input), asker(input))).words }
    case 'see':
      return await see(ports, input, patienceMs)
  }
}
