import { BatonError } from '../../errors.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { UpgradeInput } from './document.ts'

/** What an operator asks for. Times in ms. */
export type UpgradeOrder = {
  /** The version, as the hosts' step `upgrade` takes it. */
  readonly to: string
  readonly by: string
  /** The id of what carries it out; by default one of its own. Of two, whoever asked, one is refused. */
  readonly owner?: string
  /** Text that a node's version must contain afterwards; a node that has it already is not touched. */
  readonly expect?: string
  /** Go on with an upgrade to the same version that stopped. */
  readonly resume?: boolean
  /** Upgrade although no other standby could take over meanwhile: a set of two has no choice. */
  readonly alone?: boolean
  /** A node must be fit again within this time after the step ended; default ten minutes. */
  readonly withinMs?: number
  /** The new leader must go on for this long before the old one is touched; default 30 s. */
  readonly bakeMs?: number
}

export const DEFAULT_WITHIN_MS = 600_000
export const DEFAULT_BAKE_MS = 30_000

/** What is asked for, with its times in ms. */
export function orderOf(input: UpgradeRequest & { readonly by?: string | undefined }, owner?: string): UpgradeOrder {
  const { to, expect, resume = false, alone = false, within, bake, by = 'the upgrade workflow' } = input
  return {
    to,
    by,
    resume,
    alone,
    ...(owner !== undefined && { owner }),
    ...(expect !== undefined && { expect }),
    ...(within !== undefined && { withinMs: within * 1_000 }),
    ...(bake !== undefined && { bakeMs: bake * 1_000 }),
  }
}

/** What is asked for on the command line or the page, times in seconds; who asks comes with the run. */
export type UpgradeRequest = Pick<UpgradeInput, 'to'> & Partial<Omit<UpgradeInput, 'to' | 'chain' | 'by' | 'dryRun'>>

/** The words of a node's quarantine while it is upgraded. For people only. */
export const whyOut = (to: string): string => `upgrade to ${to}`

/** What is done to one node or between two. */
export type UpgradeStep =
  | { readonly step: 'upgrade'; readonly node: NodeName }
  | { readonly step: 'switchover'; readonly from: NodeName; readonly to: NodeName }

/** A rolling upgrade stopped at a node; the chain goes on on the others. */
export class UpgradeStopped extends BatonError {
  override readonly name = 'UpgradeStopped'
  override readonly code = 'upgrade-stopped'
  readonly node: NodeName

  constructor(node: NodeName, problem: string, remedy?: string, cause?: unknown) {
    const repair = `repair ${node}, or install its old version again; then "baton upgrade --resume", or "baton quarantine ${node} --lift"`
    super({ message: `stopped at ${node}: ${problem}`, remedy: remedy ?? repair, cause })
    this.node = node
  }
}
