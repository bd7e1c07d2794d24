import { RefusedActError } from '../../../operator/errors.ts'
import type { NodeName } from '../../../protocol/records.ts'
import type { BackfillPorts } from '../../backfill/ports.ts'
import { messageOf } from '../../engine/caught.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import { formatDamage } from '../classify.ts'
import { type Climb, climbOnce, look, summitOf } from '../climb.ts'
import { StepWithoutEffectError } from '../errors.ts'
import { CarriedElsewhereError } from '../quarantine.ts'
import { beginRecovery, endRecovery, giveUp, planRecovery, recoveringOf } from '../recover.ts'
import { wantedNodes } from '../wanted.ts'
import type { StepInput } from './input.ts'

/** What a step came to, as JSON: block numbers are text. */
export type Stepped = {
  readonly outcome:
    | 'nothing-to-do'
    | 'picked'
    | 'planned'
    | 'begun'
    | 'elsewhere'
    | 'climbing'
    | 'at-the-head'
    | 'recovered'
    | 'gave-up'
  /** For people. */
  readonly found: string
  /** Which node it is about; what is not named is looked up. */
  readonly node?: string
  readonly climb?: object
}

/** A method gives up its time to the next call before Lambda ends the run. */
const METHOD_MS = 800_000

/**
 * One step of the state machine. Each may be called again without harm: what is seen of the node is how
 * far it is, and a method that was cut short is only tried again.
 *
 * @throws RecoveryFailedError | StepWithoutEffectError | RefusedActError
 */
export async function step(ports: BackfillPorts, input: StepInput): Promise<Stepped> {
  const { step, ...rest } = input
  if (step === 'pick') return await pick(ports)
  if (input.node !== undefined) return stepOf(ports, { ...rest, step }, input.node)
  throw new InvalidInputError(['node: must be what the first step returned'])
}

/** The node a monitor asks for that is still damaged. A step of its own: what was begun is found again by its name. */
async function pick(ports: BackfillPorts): Promise<Stepped> {
  for (const node of await wantedNodes(ports)) {
    const damage = await planRecovery(ports, node).then(
      (plan) => plan.damage,
      (error: unknown) => {
        // It sequences by now: the next one is looked at.
        if (error instanceof RefusedActError) return undefined
        throw error
      },
    )
    if (damage && damage.kind !== 'none') return { outcome: 'picked', found: formatDamage(damage), node }
  }
  return { outcome: 'nothing-to-do', found: 'no monitor asks for a recovery' }
}

type Named = Omit<StepInput, 'step'> & { readonly step: Exclude<StepInput['step'], 'pick'> }

async function stepOf(ports: BackfillPorts, input: Named, node: NodeName): Promise<Stepped> {
  const { by = 'the crash recovery workflow', dryRun } = input
  // An execution that began before its definition named it.
  const { owner = `started by ${by}` } = input
  const actor = by === 'baton' ? { kind: 'baton' as const, name: by } : { kind: 'operator' as const, name: by }
  const recovering = recoveringOf(ports, node, { actor, owner, signal: AbortSignal.timeout(METHOD_MS) })
  switch (input.step) {
    case 'begin': {
      if (dryRun) {
        const { damage, rungs } = await planRecovery(ports, node)
        const methods = rungs.map(({ method, obstacle }) => (obstacle ? `${method} (cannot: ${obstacle})` : method))
        return { outcome: 'planned', found: `${formatDamage(damage)}; would try ${methods.join(', ') || 'nothing'}` }
      }
      const begin = await beginRecovery(recovering).catch((error: unknown) => {
        // Alarms are delivered at least once. A person is told that it is refused.
        if (error instanceof CarriedElsewhereError && actor.kind === 'baton') return error.message
        throw error
      })
      if (typeof begin === 'string') return { node, outcome: 'elsewhere', found: begin }
      const { damage, begun } = begin
      return begun
        ? { node, ...carry('begun', formatDamage(damage), begun) }
        : { outcome: 'nothing-to-do', found: formatDamage(damage) }
    }
    case 'climb': {
      const { climb, summit } = await climbOnce(recovering, climbOf(input))
      const last = climb.steps.at(-1)
      return {
        node,
        ...carry(summit ? 'at-the-head' : 'climbing', last ? `${last.method}: ${last.outcome}` : '', climb),
      }
    }
    case 'verify': {
      // A step that was cut short may be called minutes later: the node is looked at again.
      const { damage, head } = await look(recovering)
      if (!('latest' in damage)) {
        throw new StepWithoutEffectError(node, 'the recovery', 'reached the head', formatDamage(damage))
      }
      const { at, compared, canary } = await endRecovery(recovering, climbOf(input), summitOf(head, damage.latest))
      return { outcome: 'recovered', found: `block ${at.number} ${at.hash}, ${compared} hashes compared, ${canary}` }
    }
    case 'give-up': {
      const message = messageOf(input.error)
      await giveUp(recovering, climbOf(input), new Error(message))
      return { outcome: 'gave-up', found: message }
    }
  }
}

function carry(outcome: Stepped['outcome'], found: string, { startedAt, from, tried, steps, foreign }: Climb): Stepped {
  const told = tried.map((one) => ({ ...one, at: String(one.at) }))
  return { outcome, found, climb: { startedAt, from: String(from), tried: told, steps, ...(foreign && { foreign }) } }
}

function climbOf({ climb }: StepInput): Climb {
  if (climb) return climb
  throw new InvalidInputError(['climb: must be what the last step returned'])
}
