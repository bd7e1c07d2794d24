import type { Actor, NodeName } from '../../protocol/records.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import { type Observer, type Report, withSteps } from '../engine/procedure.ts'
import { runHere } from '../engine/run-here.ts'
import { formatSteps } from './attempt.ts'
import { RecoveryFailedError } from './errors.ts'
import { crashRecovery } from './operation.ts'
import { planRecovery } from './recover.ts'
import { type Recovered, renderRecovered, renderRecoveryPlan } from './text.ts'

/** Who recovers, and how that is watched and ended. */
export type RecoverOptions = {
  /** Who asked for it. Baton itself never takes the last eligible node. */
  readonly actor: Actor
  /** The id of the run; by default a new one. A second run of the same actor is refused. */
  readonly owner?: string
  readonly signal?: AbortSignal
  /** Called with each remedy before its attempt. */
  readonly report?: (text: string) => void
  /** Called with the number of blocks given to the node. */
  readonly progress?: (text: string) => void
}

/**
 * Recovers a node after a crash, in this process. Its only state is the history and the quarantine, which names its
 * owner. An interrupted run releases the quarantine, a killed one stops its heartbeat; the next monitor resumes either.
 *
 * @throws RefusedActError when the node is unknown or sequences, or is the last eligible one and no person asked.
 * @throws RecoveryFailedError with the attempts; the node stays in quarantine.
 */
export async function recover(
  ports: BackfillPorts,
  node: NodeName,
  { actor, owner, signal, report, progress }: RecoverOptions,
): Promise<Recovered> {
  const startedAt = ports.clock.now()
  const input = { chain: ports.chain.id, node, by: actor.name }
  const { name, came, error, state } = await runHere(crashRecovery, ports, input, { owner, signal, report, progress })
  const { attempts, damage, verified } = state
  const steps = attempts?.steps ?? []
  switch (name) {
    case 'Recovered':
    case 'Nothing to do': {
      const outcome = came.outcome as Recovered['outcome']
      return { outcome, damage, verified, steps, ms: ports.clock.now() - startedAt }
    }
    case 'Not recovered': {
      if (error instanceof RecoveryFailedError) throw error
      const message = signal?.aborted ? 'it was interrupted' : messageOf(error)
      throw new RecoveryFailedError(node, message, formatSteps(steps), error)
    }
    default:
      throw error
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A node's damage, and the plan of its recovery. Throws as `planRecovery`. */
export async function planRecover(ports: BackfillPorts, { node }: { readonly node: string }): Promise<Report> {
  const plan = await planRecovery(ports, node)
  const nothing = plan.damage.kind !== 'none' && plan.remedies.every(({ obstacle }) => obstacle !== undefined)
  return withSteps(crashRecovery, { value: plan, text: renderRecoveryPlan(plan), blocked: nothing })
}

/** Recovers a node after a crash, and reports each attempt. Throws as `recover`. */
export async function runRecover(
  ports: BackfillPorts,
  { node }: { readonly node: string },
  { by, signal, say, progress }: Observer,
): Promise<Report> {
  const recovered = await recover(ports, node, {
    actor: { kind: 'operator', name: by },
    signal,
    report: say,
    progress,
  })
  return { value: recovered, text: renderRecovered(recovered) }
}
