/** A record field's value as the protocol compares it. */
export type Field = string | number | bigint

/**
 * A condition on one stored item, as data. DynamoDB gets it as a ConditionExpression, and the store in memory evaluates
 * it with {@link evaluate}, so both obey the same rule.
 */
export type Condition =
  | { readonly is: '=' | '<' | '<='; readonly field: string; readonly value: Field }
  | { readonly is: 'absent'; readonly field: string }
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }

/** One conditional write on one item: the protocol's only way to change the world. */
export type Write<R> = {
  readonly set: Partial<R>
  /** Fields that copy another field's value from the stored item at the moment of the write. */
  readonly copy?: Partial<Record<keyof R & string, keyof R & string>>
  readonly remove?: readonly (keyof R & string)[]
  readonly when: Condition
}

/** The outcome of a conditional write. `old` is the item that made the condition fail. */
export type Written<R> =
  | { readonly applied: true; readonly item: R }
  | { readonly applied: false; readonly old: R | undefined }

/** The field has this value. */
export const equals = (field: string, value: Field): Condition => ({ is: '=', field, value })
/** The field exists and is less. */
export const below = (field: string, value: Field): Condition => ({ is: '<', field, value })
/** The field is absent; the item may be, too. */
export const absent = (field: string): Condition => ({ is: 'absent', field })
/** Each holds; an empty list always holds. */
export const all = (...of: Condition[]): Condition => ({ is: 'all', of })
/** At least one holds. */
export const any = (...of: Condition[]): Condition => ({ is: 'any', of })

/** Whether a condition holds for an item, with DynamoDB's meaning: a missing field never compares. */
export function evaluate(condition: Condition, item: Readonly<Record<string, unknown>> | undefined): boolean {
  switch (condition.is) {
    case 'all':
      return condition.of.every((c) => evaluate(c, item))
    case 'any':
      return condition.of.some((c) => evaluate(c, item))
    case 'absent':
      return item?.[condition.field] === undefined
    default: {
      const stored = item?.[condition.field]
      if (stored === undefined || stored === null) return false
      if (condition.is === '=') return stored === condition.value
      const order = (stored as Field) < condition.value
      return condition.is === '<' ? order : order || stored === condition.value
    }
  }
}

/** The item after a write, with DynamoDB's meaning; `undefined` = its condition does not hold. */
export function applied<R extends object>(
  { set, copy = {}, remove = [], when }: Write<R>,
  old: R | undefined,
): R | undefined {
  if (!evaluate(when, old as Record<string, unknown> | undefined)) return undefined
  const item: Record<string, unknown> = { ...old, ...set }
  for (const [field, from] of Object.entries(copy)) item[field] = old?.[from as keyof R]
  for (const field of remove) delete item[field]
  return item as R
}
