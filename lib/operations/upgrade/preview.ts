import { freshMemory } from '../../context/memory.ts'
import { observeChain } from '../../context/observe.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { retryStore } from '../../context/retry.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { View } from '../../protocol/decision.ts'
import type { NodeName } from '../../protocol/records.ts'
import { type UpgradeOrder, type UpgradeStep, UpgradeStopped } from './order.ts'
import { carriedUpgrade, formatCarried, sayUpgrading } from './owner.ts'
import { planUpgrade, type UpgradePlan, versionsOf } from './plan.ts'
import { isUnderWay, type Progress, readProgress } from './progress.ts'

/** A node as a dry run shows it. */
export type NodeVersion = { readonly node: NodeName; readonly versions: readonly string[]; readonly done: boolean }

/** The plan of an upgrade, with the state of each node. */
export type UpgradePreview = UpgradePlan & { readonly nodes: readonly NodeVersion[] }

/**
 * Observes and plans; changes nothing.
 *
 * @throws RefusedActError when there is nothing to resume.
 */
export async function previewUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<UpgradePreview> {
  const progress = await readProgress(ports)
  const done = doneSoFar(progress, order)
  const view = await observeTwice(ports)
  const plan = planUpgrade(view, order, done)
  const now = ports.clock.now()
  const hostless = plan.steps.flatMap((each) =>
    each.step === 'upgrade' && !ports.host?.(each.node) ? [each.node] : [],
  )
  const nodes = view.nodes.map(({ name }) => ({
    node: name,
    versions: versionsOf(view, name),
    done: !plan.steps.some((each) => each.step === 'upgrade' && each.node === name),
  }))
  return {
    ...plan,
    nodes,
    obstacles: [
      ...plan.obstacles,
      ...(order.resume ? [] : underWay(view, progress, now)),
      ...hostless.map((node) => `${node}: no host access configured (nodes[].host)`),
    ],
  }
}

/** Another upgrade that is running; for version 0.1, one with a recent record. */
function underWay({ lease }: View, progress: Progress | undefined, now: number): string[] {
  const legacy = progress && !lease?.upgrade && isUnderWay(progress, now) ? progress : undefined
  const carried = (lease && carriedUpgrade(lease, now)) ?? legacy
  return carried ? [`${formatCarried(carried, now)}: wait for its end, or resume it if whatever ran it is gone`] : []
}

/**
 * The remaining steps, planned again from the present state.
 *
 * @param taken how many steps are done.
 * @throws UpgradeStopped when something blocks the next one.
 */
export async function stepsLeft(
  ports: ChainPorts,
  order: UpgradeOrder,
  taken: number,
): Promise<readonly UpgradeStep[]> {
  const progress = await readProgress(ports)
  const { steps, obstacles } = planUpgrade(await observeTwice(ports), order, progress?.done ?? [])
  const next = steps[0]
  if (!next) return []
  const node = subjectOf(next)
  await sayUpgrading(ports, order, node)
  if (obstacles.length > 0) throw new UpgradeStopped(node, obstacles.join('; '))
  if (taken > 2 * ports.nodes.length)
    throw new UpgradeStopped(node, `${taken} steps were taken, and it is not done: what was done does not stay`)
  return steps
}

/** The node a step is about; for a switchover, its target. */
export const subjectOf = (step: UpgradeStep): NodeName => (step.step === 'upgrade' ? step.node : step.to)

/** The nodes that an unfinished upgrade to this version has done, if this run resumes it. */
function doneSoFar(progress: Progress | undefined, { to, resume }: UpgradeOrder): readonly NodeName[] {
  if (!resume) return []
  if (progress?.to === to) return progress.done
  const other = progress ? `the unfinished upgrade is to ${progress.to}` : 'no upgrade is unfinished'
  throw new RefusedActError(`nothing to resume: ${other}`, 'begin one without "--resume"')
}

async function observeTwice(ports: ChainPorts): Promise<View> {
  const memory = freshMemory()
  await retryStore(ports, () => observeChain(ports, memory))
  await ports.clock.sleep(250)
  return await retryStore(ports, () => observeChain(ports, memory))
}
