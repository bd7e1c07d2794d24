import { all, type Condition, type Field } from '../../lib/protocol/write.ts'

/** A condition as text, without the values: the same for every write of a kind. */
export function shapeOf(condition: Condition): string {
  switch (condition.is) {
    case 'all':
    case 'any':
      return `${condition.is}(${condition.of.map(shapeOf).join(', ')})`
    case 'absent':
      return `${condition.field} absent`
    default:
      return `${condition.field} ${condition.is}`
  }
}

/** What can be taken away from a condition so that it asks less: the whole, and each member of an `all` in it. */
export function conjunctsOf(condition: Condition): string[] {
  const inner = (each: Condition): string[] => {
    if (each.is === 'all') return each.of.flatMap((one) => [...(one.is === 'all' ? [] : [shapeOf(one)]), ...inner(one)])
    return each.is === 'any' ? each.of.flatMap(inner) : []
  }
  const whole = condition.is === 'all' ? [] : [shapeOf(condition)]
  return [...new Set([...whole, ...inner(condition)])]
}

/** The condition without one of its {@link conjunctsOf}. */
export function without(condition: Condition, conjunct: string): Condition {
  if (shapeOf(condition) === conjunct) return all()
  const relax = (each: Condition): Condition => {
    if (each.is === 'any') return { is: 'any', of: each.of.map(relax) }
    if (each.is !== 'all') return each
    return { is: 'all', of: each.of.filter((one) => shapeOf(one) !== conjunct).map(relax) }
  }
  return relax(condition)
}

/**
 * Whether a condition can never hold again, given fields that only grow. Such a write is forgotten: most of what is
 * on its way is.
 */
export function isOver(
  condition: Condition,
  item: Readonly<Record<string, unknown>>,
  growing: readonly string[],
): boolean {
  switch (condition.is) {
    case 'all':
      return condition.of.some((one) => isOver(one, item, growing))
    case 'any':
      return condition.of.every((one) => isOver(one, item, growing))
    case 'absent':
      return growing.includes(condition.field) && item[condition.field] !== undefined
    default: {
      const stored = item[condition.field] as Field | undefined
      if (stored === undefined || !growing.includes(condition.field)) return false
      return condition.is === '<' ? stored >= condition.value : stored > condition.value
    }
  }
}
