import { planBackfill } from '../plan.ts'
import type { BackfillPorts } from '../ports.ts'
import { formatRange, sizeOf } from '../range.ts'
import type { StepInput } from './input.ts'

/** What would be done. Numbers of blocks as text: they may pass what JSON can count. */
export type Planned = {
  readonly missing: boolean
  /** E.g. `11–60`; empty = nothing is missing. */
  readonly range: string
  readonly blocks: number
  readonly through: 'engine' | 'consensus'
  readonly sources: readonly string[]
  /** Where the node stands, and where it is to be. */
  readonly at: string
  readonly to: string
}

/**
 * Looks what a node lacks; changes nothing.
 *
 * @throws what `planBackfill` throws.
 */
export async function plan(ports: BackfillPorts, { node, from, to }: StepInput): Promise<Planned> {
  const { range, gaps, through, sources, head } = await planBackfill(ports, { node, from, to })
  return {
    missing: range !== undefined,
    range: range ? formatRange(range) : '',
    blocks: range ? sizeOf(range) : 0,
    through,
    sources: sources.names,
    at: String(gaps.anchor.number),
    to: String(range?.to ?? head.number),
  }
}
