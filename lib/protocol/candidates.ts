import type { View } from './decision.ts'
import { examine, type Fitness } from './fitness.ts'
import type { NodeConfig } from './observation.ts'
import type { NodeName } from './records.ts'

/** A node with what speaks against it. */
export type Examined = { readonly node: NodeConfig; readonly fitness: Fitness }

/** Every node examined, in configured order. */
export function examineAll(view: View): Examined[] {
  return view.nodes.map((node) => ({ node, fitness: examine(view, node) }))
}

/** Nothing speaks against it. */
export const isEligible = ({ fitness }: Examined) => fitness.hard.length === 0 && fitness.soft.length === 0

/** Nothing but that it was tried before speaks against it. */
export const isEligibleAgain = ({ fitness }: Examined) =>
  fitness.hard.length === 0 && fitness.soft.every(({ code }) => code === 'tried')

/** It would do something otherwise than the leader. */
const drifts = ({ fitness }: Examined) => fitness.drift !== undefined

/**
 * The nodes sequencing could move to, best first: those set like the leader, by priority, then lag, then another zone
 * than the leader's (what took the leader may take its zone), then name. `prefer` comes first if eligible.
 */
export function rank(examined: readonly Examined[], leader: NodeName, prefer?: NodeName): NodeConfig[] {
  const zone = examined.find(({ node }) => node.name === leader)?.node.zone
  const order = (a: Examined, b: Examined) =>
    Number(b.node.name === prefer) - Number(a.node.name === prefer) ||
    Number(drifts(a)) - Number(drifts(b)) ||
    b.node.priority - a.node.priority ||
    Number((a.fitness.lag ?? 0n) - (b.fitness.lag ?? 0n)) ||
    Number(a.node.zone === zone) - Number(b.node.zone === zone) ||
    (a.node.name < b.node.name ? -1 : 1)
  return examined
    .filter((candidate) => candidate.node.name !== leader && isEligible(candidate))
    .sort(order)
    .map(({ node }) => node)
}
