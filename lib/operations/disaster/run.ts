import type { ChainPorts } from '../../context/ports.ts'
import { RefusedActError, UnfinishedActError } from '../../operator/errors.ts'
import { type Report, withSteps } from '../engine/procedure.ts'
import { runHere } from '../engine/run-here.ts'
import type { DisasterAct } from './acts.ts'
import { disaster } from './operation.ts'
import { planDisaster } from './procedure.ts'

/**
 * Carries an act out in this process: surveys, acts once, and observes what came of it.
 *
 * @throws RefusedActError when the hash does not confirm it; nothing was changed.
 * @throws UnfinishedActError when it was done, and what it is for was not seen in time.
 */
export async function runDisaster(
  ports: ChainPorts,
  { act: kind, ...asked }: DisasterAct,
  by: string,
  report?: (text: string) => void,
): Promise<Report> {
  const input = { ...asked, kind, chain: ports.chain.id, by }
  const { name, succeeded, came, state, error } = await runHere(disaster, ports, input, { report })
  if (succeeded) return { value: state.value, text: came.text }
  if (name === 'Refused') throw new RefusedActError(came.text, 'see "baton disaster survey" for the hash to confirm')
  if (name !== 'Not seen' || state.done === undefined) throw error
  const why = error instanceof Error ? error.message : String(error)
  throw new UnfinishedActError(`${state.done}; but ${why}`, 'see "baton status"', error)
}

/** What is left of the chain, and what an act would do, step by step. Changes nothing. */
export async function planAct(ports: ChainPorts, act: DisasterAct['act']): Promise<Report> {
  return withSteps(disaster, await planDisaster(ports, act))
}
