import type { BackfillPorts } from '../backfill/ports.ts'
import { type Told, type Watching, withSteps } from '../engine/procedure.ts'
import { crashRecovery } from './operation.ts'
import { planRecovery } from './recover.ts'
import { recover } from './run.ts'
import { renderRecovered, renderRecoveryPlan } from './text.ts'

/** What is wrong with a node, and what would be done about it. Throws as `planRecovery`. */
export async function planRecover(ports: BackfillPorts, { node }: { readonly node: string }): Promise<Told> {
  const plan = await planRecovery(ports, node)
  const nothing = plan.damage.kind !== 'none' && plan.rungs.every(({ obstacle }) => obstacle !== undefined)
  return withSteps(crashRecovery, { value: plan, words: renderRecoveryPlan(plan), held: nothing })
}

/** Brings a node back after a crash, told method by method. Throws as `recover`. */
export async function runRecover(
  ports: BackfillPorts,
  { node }: { readonly node: string },
  { by, signal, say, progress }: Watching,
): Promise<Told> {
  const recovered = await recover(ports, node, {
    actor: { kind: 'operator', name: by },
    signal,
    report: say,
    progress,
  })
  return { value: recovered, words: renderRecovered(recovered) }
}
