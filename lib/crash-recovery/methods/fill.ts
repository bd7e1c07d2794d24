import { planBackfill } from '../../backfill/plan.ts'
import { runBackfill } from '../../backfill/run.ts'
import type { Recovering } from '../ports.ts'

/** Gives the node the committed blocks it lacks, oldest first; every payload is proved before. See lib/backfill. */
export async function fill({ ports, node, actor, signal, onProgress }: Recovering): Promise<string> {
  const plan = await planBackfill(ports, { node })
  const { blocks, at, given, outcome } = await runBackfill(ports, plan, { actor, signal, onProgress })
  const from = Object.entries(given).map(([source, count]) => `${source} ${count}`)
  return `${outcome}: ${blocks} blocks up to ${at.number}${from.length > 0 ? ` (${from.join(', ')})` : ''}`
}
