import { majority } from './follow-l1.ts'
import type { RollupFields } from './observation.ts'
import { type Reason, reason } from './reason.ts'
import type { NodeName } from './records.ts'

/** How grave a difference is: `hard` as soon as blocks depend on it, `soft` while the fork is ahead on both sides. */
type Differences = { readonly hard: readonly Reason[]; readonly soft: readonly Reason[] }

/** A fork that is not configured never activates. */
const NEVER = 'never'

const isFork = (field: string) => field.endsWith('_time') && field !== 'block_time' && field !== 'genesis.l2_time'

/**
 * Compares rollup configurations field by field with the majority's. Without a majority the leader's counts, because
 * the chain is built by it. Without a leader none counts, and every difference is reported. All forks are compared,
 * whatever their name; other fields only where both sides have them, because versions expose different ones.
 */
export function compareRollups(
  rollups: Readonly<Record<NodeName, RollupFields>>,
  { leader, now }: { readonly leader?: NodeName | undefined; readonly now: number },
): ReadonlyMap<NodeName, Differences> {
  const nodes = Object.entries(rollups).map(([node, rollup]) => ({ node, rollup }))
  const fields = [...new Set(nodes.flatMap(({ rollup }) => Object.keys(rollup)))].sort(byWeight)
  const found = new Map<NodeName, Differences>()
  for (const field of fields) {
    const values = nodes.flatMap(({ node, rollup }) => {
      const value = rollup[field] ?? (isFork(field) ? NEVER : undefined)
      return value === undefined ? [] : [{ node, value }]
    })
    const right = majority(values.map(({ value }) => value)) ?? values.find(({ node }) => node === leader)?.value
    for (const { node, value } of values) {
      const other = right ?? values.find((each) => each.value !== value)?.value
      if (other === undefined || other === value) continue
      const ahead = isFork(field) && isAhead(value, now) && isAhead(other, now)
      const difference = reason(ahead ? 'fork-differs' : 'config-differs', { field, value, others: other }, node)
      const { hard, soft } = found.get(node) ?? { hard: [], soft: [] }
      found.set(node, ahead ? { hard, soft: [...soft, difference] } : { hard: [...hard, difference], soft })
    }
  }
  return found
}

const isAhead = (time: string, now: number) => time === NEVER || Number(time) * 1_000 > now

/** Sorts the fields an operator needs first to the front. */
function byWeight(a: string, b: string): number {
  const weight = (field: string) => (field === 'block_time' ? 0 : isFork(field) ? 1 : 2)
  return weight(a) - weight(b) || (a < b ? -1 : 1)
}
