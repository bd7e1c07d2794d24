import type { Told, Watching } from '../engine/procedure.ts'
import { type BackfillRequest, planBackfill } from './plan.ts'
import type { BackfillPorts } from './ports.ts'
import { runBackfill } from './run.ts'
import { renderPlan, renderProgress, renderRan } from './text.ts'

/** Which committed blocks a node lacks, and who has them. Throws as `planBackfill`. */
export async function planFill(ports: BackfillPorts, request: BackfillRequest): Promise<Told> {
  const plan = await planBackfill(ports, request)
  const { node, head, gaps, range, through, sources } = plan
  return { value: { node, head, gaps, range, through, sources: sources.names }, words: renderPlan(plan) }
}

/** Gives a node the committed blocks it lacks, told block by block. Throws as `planBackfill` and `runBackfill`. */
export async function runFill(
  ports: BackfillPorts,
  request: BackfillRequest,
  { by, signal, say, progress }: Watching,
): Promise<Told> {
  const plan = await planBackfill(ports, request)
  say(renderPlan(plan))
  const ran = await runBackfill(ports, plan, {
    actor: { kind: 'operator', name: by },
    onProgress: (at) => progress(renderProgress(at)),
    signal,
  })
  return { value: ran, words: renderRan(ran), held: ran.outcome === 'interrupted' }
}
