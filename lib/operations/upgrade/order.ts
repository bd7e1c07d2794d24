import { BatonError } from '../../errors.ts'
import type { NodeName } from '../../protocol/records.ts'
import type { UpgradeInput } from './document.ts'

/** An upgrade request. Times in ms. */
export type UpgradeOrder = {
  /** The version, as the hosts' step `upgrade` takes it. */
  readonly to: string
  readonly by: string
  /** The id of the run; by default a new one. Of two runs one is refused, no matter who requested them. */
  readonly owner?: string
  /** Text that a node's version must contain afterwards; a node whose version has it already is skipped. */
  readonly expect?: string
  /** Continue a stopped upgrade to the same version. */
  readonly resume?: boolean
  /** Upgrade even when no other standby can take over meanwhile: a set of two has no choice. */
  readonly alone?: boolean
  /** How long a node may take to be fit again after the step ends; default ten minutes. */
  readonly withinMs?: number
  /** How long the new leader must commit before the old one is touched; default 30 s. */
  readonly bakeMs?: number
}

export const DEFAULT_WITHIN_MS = 600_000
export const DEFAULT_BAKE_MS = 30_000

/** Converts the input to a request, with times in ms. */
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

/** A request from the command line or the page, times in seconds; the run supplies who asks. */
export type UpgradeRequest = Pick<UpgradeInput, 'to'> & Partial<Omit<UpgradeInput, 'to' | 'chain' | 'by' | 'dryRun'>>

/** The reason in a node's quarantine during its upgrade. For people only. */
export const whyOut = (to: string): string => `upgrade to ${to}`

/** One step, on one node or between two. */
export type UpgradeStep =
  | { readonly step: 'upgrade'; readonly node: NodeName }
  | { readonly step: 'switchover'; readonly from: NodeName; readonly to: NodeName }

/** A rolling upgrade stopped at a node; the chain continues on the others. */
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
