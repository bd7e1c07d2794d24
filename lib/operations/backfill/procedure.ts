import { UnfinishedActError } from '../../operator/errors.ts'
import { type Observer, type Report, withSteps } from '../engine/procedure.ts'
import { runHere } from '../engine/run-here.ts'
import { backfill } from './operation.ts'
import { type BackfillRequest, planBackfill } from './plan.ts'
import type { BackfillPorts } from './ports.ts'
import { renderPlan } from './text.ts'

/** The committed blocks a node lacks, and their sources. Throws as `planBackfill`. */
export async function planFill(ports: BackfillPorts, request: BackfillRequest): Promise<Report> {
  const plan = await planBackfill(ports, request)
  const { node, head, gaps, range, through, sources } = plan
  const value = { node, head, gaps, range, through, sources: sources.names }
  return withSteps(backfill, { value, text: renderPlan(plan) })
}

/** Gives a node the committed blocks it lacks, in this process. Throws as `planBackfill` and `runBackfill`. */
export async function runFill(
  ports: BackfillPorts,
  { node, from, to, through }: BackfillRequest,
  { by, signal, say, progress }: Observer,
): Promise<Report> {
  const input = {
    chain: ports.chain.id,
    node,
    by,
    ...(from !== undefined && { from: String(from) }),
    ...(to !== undefined && { to: String(to) }),
    ...(through && { through }),
  }
  const { name, succeeded, came, state, error } = await runHere(backfill, ports, input, {
    signal,
    report: say,
    progress,
  })
  const isOver = succeeded || name === 'Interrupted'
  if (!isOver) throw error ?? new UnfinishedActError(came.text, 'run it again: it resumes there')
  const { slices: _, ...done } = state
  const words = name === 'Nothing missing' ? 'nothing is missing' : came.text
  return { value: { outcome: outcomes[name], ...done }, text: words, blocked: name === 'Interrupted' }
}

const outcomes: Readonly<Record<string, string>> = {
  'Nothing missing': 'nothing-missing',
  Plugged: 'plugged',
  Interrupted: 'interrupted',
}
