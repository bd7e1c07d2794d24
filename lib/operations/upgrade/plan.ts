import { examineAll, isEligible, rank } from '../../protocol/candidates.ts'
import { decide } from '../../protocol/decide.ts'
import type { View } from '../../protocol/decision.ts'
import { driftOf, driftWith } from '../../protocol/drift.ts'
import { versionOf } from '../../protocol/quarantine.ts'
import { renderReason } from '../../protocol/reason.ts'
import type { NodeName } from '../../protocol/records.ts'
import { type UpgradeOrder, type UpgradeStep, whyOut } from './order.ts'

/** The remaining steps, in order, and what blocks the first one now. */
export type UpgradePlan = {
  readonly steps: readonly UpgradeStep[]
  readonly obstacles: readonly string[]
  /** What makes nodes differ, now or afterwards; it does not block the upgrade. */
  readonly warnings: readonly string[]
}

/**
 * Plans the remaining steps of a rolling upgrade from observations and records: the standbys, the least preferred one
 * first because it is missed least; then a switchover; then the old leader. A resumed upgrade plans again and gets the
 * same steps.
 *
 * @param done the nodes this upgrade has finished.
 */
export function planUpgrade(view: View, order: UpgradeOrder, done: readonly NodeName[]): UpgradePlan {
  const leader = view.head?.leader ?? ''
  const left = view.nodes.map(({ name }) => name).filter((name) => !isDone(view, order, done, name))
  const standbys = left
    .filter((name) => name !== leader)
    .toSorted((a, b) => Number(isOut(view, order, b)) - Number(isOut(view, order, a)) || preference(view, a, b))
  const steps: UpgradeStep[] = standbys.map((node) => ({ step: 'upgrade', node }))
  if (left.includes(leader)) {
    const next = view.nodes.map(({ name }) => name).filter((name) => name !== leader)
    const best = rank(examineAll(view), leader)[0]?.name ?? next.toSorted((a, b) => -preference(view, a, b))[0]
    if (best !== undefined) steps.push({ step: 'switchover', from: leader, to: best })
    steps.push({ step: 'upgrade', node: leader })
  }
  return {
    steps,
    obstacles: steps.length === 0 ? [] : [...obstacles(view, order, steps[0]), ...keptOut(view, order, left)],
    warnings: left.flatMap((node) => warnings(view, order, node)),
  }
}

/** What would disqualify a node afterwards, and how it differs from the leader now: a switchover to it is refused. */
function warnings(view: View, { to, expect }: UpgradeOrder, node: NodeName): string[] {
  const after = [to, ...(expect === undefined ? [] : [expect])].flatMap((version) => driftWith(view, node, version))
  const changes = after.map((each) => `afterwards ${renderReason(each)}`)
  return [...new Set([...changes, ...driftOf(view, node).map(renderReason)])]
}

/** What blocks the next step: it must not endanger a chain that is already unwell. */
export function obstacles(view: View, order: UpgradeOrder, next: UpgradeStep | undefined): string[] {
  const { head, lease } = view
  if (!head || !lease) return ['Baton does not run the chain yet']
  const found: string[] = []
  const { condition, reasons, page } = decide(view)
  if (condition !== 'ok' && condition !== 'degraded')
    found.push(`the chain is ${condition}: ${reasons.map(renderReason).join('; ')}`)
  if (page.length > 0) found.push(`a person is needed: ${page.map(renderReason).join('; ')}`)
  if (lease.mode === 'hold') found.push(`sequencing is pinned by ${lease.modeBy}`)
  if (lease.switchover) found.push(`a switchover asked for by ${lease.switchover.by} is pending`)
  if (next?.step === 'upgrade' && !order.alone && standIns(view, next.node).length === 0)
    found.push(`without ${next.node} no standby could take over`)
  return found
}

/**
 * The nodes that other owners exclude, for any reason: an upgrade would re-enable them at its end.
 *
 * @param left the nodes still to be upgraded; the others are not touched and may stay excluded.
 */
function keptOut({ lease }: View, order: UpgradeOrder, left: readonly NodeName[]): string[] {
  return Object.entries(lease?.quarantine ?? {}).flatMap(([node, entry]) => {
    const { why, by } = entry
    const version = versionOf(entry)
    const own = version === order.to && order.resume === true
    if (own || (!left.includes(node) && (version === undefined || version === order.to))) return []
    if (version === undefined) return [`${node} is out of eligibility: ${why} (${by}); release it first`]
    const how = version === order.to ? ': resume that upgrade, or release the node first' : ''
    return [`${node} is out for an ${whyOut(version)} (${by})${how}`]
  })
}

/** The nodes that can take over while this one is out. */
export function standIns(view: View, without: NodeName): NodeName[] {
  return examineAll(view)
    .filter((one) => isEligible(one) && one.node.name !== without && one.node.name !== view.head?.leader)
    .map(({ node }) => node.name)
}

function isDone(view: View, { expect }: UpgradeOrder, done: readonly NodeName[], node: NodeName): boolean {
  return done.includes(node) || (expect !== undefined && versionsOf(view, node).some((text) => text.includes(expect)))
}

/** The versions that a node's two clients report. */
export function versionsOf(view: View, node: NodeName): string[] {
  const look = view.observed[node]?.observation
  const consensus = look?.consensus.ok ? look.consensus.value.version : undefined
  const execution = look?.execution.ok ? look.execution.value.version : undefined
  return [consensus, execution].filter((text) => text !== undefined)
}

/** A node that an earlier run excluded comes first. */
function isOut({ lease }: View, { to }: UpgradeOrder, node: NodeName): boolean {
  const entry = lease?.quarantine[node]
  return entry !== undefined && versionOf(entry) === to
}

/** Ascending: the least preferred node first. */
function preference({ nodes }: View, a: NodeName, b: NodeName): number {
  const priority = (name: NodeName) => nodes.find((node) => node.name === name)?.priority ?? 0
  return priority(a) - priority(b) || (a < b ? -1 : 1)
}
