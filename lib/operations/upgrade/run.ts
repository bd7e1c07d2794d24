import { randomUUID } from 'node:crypto'
import { freshMemory } from '../../context/memory.ts'
import { observeChain } from '../../context/observe.ts'
import { patiently } from '../../context/patiently.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { sayAgain } from '../../context/say-again.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { View } from '../../protocol/decision.ts'
import type { NodeName } from '../../protocol/records.ts'
import { UpgradeStopped } from './errors.ts'
import { moveLead } from './lead.ts'
import type { UpgradeOrder, UpgradeStep } from './order.ts'
import { carriedUpgrade, claimUpgrade, endUpgrade, formatCarried, releaseUpgrade, sayUpgrading } from './owner.ts'
import { planUpgrade, type UpgradePlan, versionsOf } from './plan.ts'
import { isUnderWay, note, type Progress, readProgress } from './progress.ts'
import { upgradeNode } from './upgrade-node.ts'

/** A node as a dry run shows it. */
export type NodeVersion = { readonly node: NodeName; readonly versions: readonly string[]; readonly done: boolean }

/** What an upgrade would do, and what it would find. */
export type UpgradePreview = UpgradePlan & { readonly nodes: readonly NodeVersion[] }

/** Looks and plans; changes nothing. Throws as {@link upgrade}. */
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
      ...hostless.map((node) => `the machine of ${node} takes no steps`),
    ],
  }
}

/** Another upgrade that is carried out now; of the version before, one that was heard of. */
function underWay({ lease }: View, progress: Progress | undefined, now: number): string[] {
  const legacy = progress && !lease?.upgrade && isUnderWay(progress, now) ? progress : undefined
  const carried = (lease && carriedUpgrade(lease, now)) ?? legacy
  return carried ? [`${formatCarried(carried, now)}: wait for its end, or resume it if whatever ran it is gone`] : []
}

/** How an upgrade is watched and ended. */
export type UpgradeWatch = {
  /** Told of each step before it is taken, and of those that are left after it. */
  readonly onStep?: (step: UpgradeStep, left: readonly UpgradeStep[]) => void
  /** Ends it before its next step. */
  readonly signal?: AbortSignal
}

/**
 * A rolling upgrade: standbys one at a time, a switchover, the old leader. Stops at the first failure, with
 * the chain sequencing and the failed node out of eligibility. What was done is recorded, so that another
 * process can go on with `resume`.
 *
 * @throws RefusedActError when nothing was begun.
 * @throws UpgradeStopped when a step failed.
 */
export async function upgrade(
  ports: ChainPorts,
  asked: UpgradeOrder,
  { onStep, signal }: UpgradeWatch = {},
): Promise<readonly UpgradeStep[]> {
  const order = { owner: randomUUID(), ...asked }
  await beginUpgrade(ports, order)
  const taken: UpgradeStep[] = []
  try {
    for (;;) {
      const [next, ...left] = await stepsLeft(ports, order, taken.length)
      if (!next) break
      if (signal?.aborted)
        throw new UpgradeStopped(
          subjectOf(next),
          'told to stop before it was touched',
          'go on with "baton upgrade --resume"',
        )
      onStep?.(next, left)
      await whileUpgrading(ports, order, subjectOf(next), () =>
        next.step === 'upgrade' ? upgradeNode(ports, order, next.node) : moveLead(ports, order, next.from, next.to),
      )
      taken.push(next)
    }
  } catch (error) {
    await noteStopped(ports, order, error as Error)
    throw error
  }
  await finishUpgrade(ports, order)
  return taken
}

/**
 * Records that an upgrade begins or is resumed, unless something stands against it; another one that is
 * under way does, and of two that are begun at once one. Throws as {@link upgrade}.
 */
export async function beginUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  const { steps, obstacles } = await previewUpgrade(ports, order)
  if (obstacles.length > 0) throw new RefusedActError(`not begun: ${obstacles.join('; ')}`, 'see "baton status"')
  await claimUpgrade(ports, order)
  await note(ports, order, order.resume ? 'resumed' : 'begun', `${steps.length} steps`)
}

/** The next step as {@link stepsLeft} has it; `undefined` = nothing is left. */
export async function nextStep(ports: ChainPorts, order: UpgradeOrder, taken: number) {
  return (await stepsLeft(ports, order, taken))[0]
}

/**
 * The steps that are left, planned anew from what is so now.
 *
 * @param taken how many were taken before.
 * @throws UpgradeStopped when something has come to stand against the next one.
 */
async function stepsLeft(ports: ChainPorts, order: UpgradeOrder, taken: number): Promise<readonly UpgradeStep[]> {
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

const subjectOf = (step: UpgradeStep): NodeName => (step.step === 'upgrade' ? step.node : step.to)

/** Records why an upgrade stopped. */
export async function noteStopped(
  ports: ChainPorts,
  order: UpgradeOrder,
  error: Error,
  node = error instanceof UpgradeStopped ? error.node : undefined,
): Promise<void> {
  await note(ports, order, 'stopped', error.message, node)
  await releaseUpgrade(ports, order)
}

/** Records that every node is upgraded. */
export async function finishUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  await note(ports, order, 'done', 'every node is upgraded')
  await endUpgrade(ports, order)
}

/** Says that the upgrade is at work, while `work` is. One that is not the chain's any more stops at its next step. */
export function whileUpgrading<T>(
  ports: ChainPorts,
  order: UpgradeOrder,
  node: NodeName,
  work: () => Promise<T>,
): Promise<T> {
  return sayAgain(ports, () => sayUpgrading(ports, order, node), work)
}

/** The nodes an unfinished upgrade to this version has done, if it is to go on. */
function doneSoFar(progress: Progress | undefined, { to, resume }: UpgradeOrder): readonly NodeName[] {
  if (!resume) return []
  if (progress?.to === to) return progress.done
  const other = progress ? `the unfinished upgrade is to ${progress.to}` : 'no upgrade is unfinished'
  throw new RefusedActError(`nothing to resume: ${other}`, 'begin one without "--resume"')
}

async function observeTwice(ports: ChainPorts): Promise<View> {
  const memory = freshMemory()
  await patiently(ports, () => observeChain(ports, memory))
  await ports.clock.sleep(250)
  return await patiently(ports, () => observeChain(ports, memory))
}
