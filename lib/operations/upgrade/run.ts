import type { ChainPorts } from '../../context/ports.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { type Observer, type Report, withSteps } from '../engine/procedure.ts'
import { runHere } from '../engine/run-here.ts'
import { upgrade as operation } from './operation.ts'
import { orderOf, type UpgradeOrder, type UpgradeRequest } from './order.ts'
import { previewUpgrade } from './preview.ts'
import { renderUpgradePlan } from './text.ts'

/** How an upgrade is watched and ended. */
export type UpgradeWatch = Partial<Pick<Observer, 'say' | 'steps' | 'signal'>>

/**
 * Runs a rolling upgrade in this process.
 *
 * @returns the steps taken, as text.
 * @throws RefusedActError when nothing was begun.
 * @throws UpgradeStopped when a step failed.
 */
export async function upgrade(
  ports: ChainPorts,
  { owner, withinMs, bakeMs, ...order }: UpgradeOrder,
  { say, steps = () => {}, signal }: UpgradeWatch = {},
): Promise<readonly string[]> {
  const input = {
    ...order,
    chain: ports.chain.id,
    ...(withinMs !== undefined && { within: withinMs / 1_000 }),
    ...(bakeMs !== undefined && { bake: bakeMs / 1_000 }),
  }
  const { name, succeeded, state, error } = await runHere(operation, ports, input, {
    owner,
    signal,
    report: say,
    onCame(_, { state: { taken = [], remaining = [] } }) {
      steps(labelled(taken as string[], remaining as string[]))
    },
  })
  steps(labelled(state.taken, []).map(({ label }) => ({ label, state: 'done' })))
  if (succeeded) return state.taken
  if (name === 'Blocked') throw new RefusedActError(`not begun: ${state.obstacles.join('; ')}`, 'see "baton status"')
  throw error
}

function labelled(taken: readonly string[], remaining: readonly string[]) {
  const now = taken.at(-1)
  return [
    ...taken.slice(0, -1).map((label) => ({ label, state: 'done' as const })),
    ...(now === undefined ? [] : [{ label: now, state: 'under way' as const }]),
    ...remaining.map((label) => ({ label, state: 'left' as const })),
  ]
}

/** The plan of a rolling upgrade, with its checks. Throws as `previewUpgrade`. */
export async function planUpgrade(ports: ChainPorts, request: UpgradeRequest): Promise<Report> {
  const order = orderOf({ ...request, by: 'plan' })
  const preview = await previewUpgrade(ports, order)
  const words = renderUpgradePlan(preview, order)
  return withSteps(operation, { value: preview, text: words, blocked: preview.obstacles.length > 0 })
}

/** Runs a rolling upgrade and reports each step. Throws as {@link upgrade}. */
export async function runUpgrade(ports: ChainPorts, request: UpgradeRequest, watching: Observer): Promise<Report> {
  const steps = await upgrade(ports, orderOf({ ...request, by: watching.by }), watching)
  return { value: { to: request.to, steps }, text: `every node is upgraded to ${request.to}` }
}
