import type { Condition } from '../../lib/protocol/write.ts'

/** A condition that always holds. */
const TRUE: Condition = { is: 'all', of: [] }

/** A part of a condition that is taken away: where it is, and its words. */
export type Part = { readonly path: readonly number[]; readonly says: string }

/** The parts of a condition, each of which could be left out: those of an "all", and those of the ways of an "any". */
export function partsOf(condition: Condition, path: readonly number[] = []): Part[] {
  const whole = { path, says: sayCondition(condition) }
  switch (condition.is) {
    case 'all':
      return condition.of.flatMap((each, i) => partsOf(each, [...path, i]))
    case 'any':
      return [whole, ...condition.of.flatMap((each, i) => partsOf(each, [...path, i]))]
    default:
      return [whole]
  }
}

/** The condition without the part at this path. */
export function leaveOut(condition: Condition, [first, ...rest]: readonly number[]): Condition {
  if (first === undefined) return TRUE
  if (condition.is !== 'all' && condition.is !== 'any') return condition
  return { ...condition, of: condition.of.map((each, i) => (i === first ? leaveOut(each, rest) : each)) }
}

/** A condition in words, without its values, which differ from write to write. */
function sayCondition(condition: Condition): string {
  switch (condition.is) {
    case 'all':
    case 'any':
      return `(${condition.of.map(sayCondition).join(condition.is === 'all' ? ' and ' : ' or ')})`
    case 'absent':
      return `no ${condition.field}`
    default:
      return `${condition.field} ${condition.is}`
  }
}
