import type { BackfillPorts } from '../backfill/ports.ts'
import { renderProgress } from '../backfill/text.ts'
import type { Told, Watching } from '../engine/procedure.ts'
import { planRecovery, recover } from './recover.ts'
import { renderMethod, renderRecovered, renderRecoveryPlan } from './text.ts'

/** What is wrong with a node, and what would be done about it. Throws as `planRecovery`. */
export async function planRecover(ports: BackfillPorts, { node }: { readonly node: string }): Promise<Told> {
  const plan = await planRecovery(ports, node)
  const nothing = plan.damage.kind !== 'none' && plan.rungs.every(({ obstacle }) => obstacle !== undefined)
  return { value: plan, words: renderRecoveryPlan(plan), held: nothing }
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
    onMethod: (method, damage) => say(renderMethod(method, damage)),
    onProgress: (at) => progress(renderProgress(at)),
  })
  return { value: recovered, words: renderRecovered(recovered) }
}
