import type { Condition, Write, Written } from '../../lib/protocol/write.ts'

type Item = Readonly<Record<string, unknown>>

/**
 * The register every history must agree with: each operation on an item takes effect at one moment
 * between its request and its answer, and its answer is what a plain register would have given at
 * that moment. Written independently, so that a fault in the protocol's own evaluation shows.
 */
export class Register<R extends object> {
  readonly #name: string
  readonly #key: string
  #item: Item | undefined

  constructor(name: string, key: string) {
    this.#name = name
    this.#key = key
  }

  get item(): R | undefined {
    return this.#item as R | undefined
  }

  /** Applies a write, and says how the store's answer differs from a register's, if it does. */
  write(
    chain: string,
    { set, copy, remove, when }: Write<R>,
    written: Written<R> | { applied: boolean },
  ): string | undefined {
    const old = this.#item
    const applies = meets(when, old)
    if (written.applied !== applies)
      return `${this.#name}: the store said applied=${written.applied}, a register ${applies}`
    if (!applies) return 'old' in written ? this.#differs(written.old, old, 'refused with') : undefined
    const item: Record<string, unknown> = { ...old, [this.#key]: chain, ...set }
    for (const [field, from] of Object.entries(copy ?? {})) item[field] = old?.[from as string]
    for (const field of remove ?? []) delete item[field]
    this.#item = item
    return 'item' in written ? this.#differs(written.item, item, 'answered with') : undefined
  }

  /** Says how what was read differs from the register. */
  read(value: R | undefined, without?: string): string | undefined {
    return this.#differs(value, this.#item, 'read', without)
  }

  #differs(value: object | undefined, expected: Item | undefined, what: string, without?: string): string | undefined {
    const given = value as Item | undefined
    if (given === undefined || expected === undefined)
      return given === expected ? undefined : `${this.#name}: ${what} ${given ? 'an item' : 'nothing'}`
    const another = (field: string) => `${this.#name}: ${what} another "${field}" than was written last`
    for (const field in given) {
      if (given[field] !== expected[field] || field === without) return another(field)
    }
    for (const field in expected) {
      if (!(field in given) && field !== without && expected[field] !== undefined) return another(field)
    }
    return undefined
  }
}

function meets(condition: Condition, item: Item | undefined): boolean {
  switch (condition.is) {
    case 'all':
      return !condition.of.some((part) => !meets(part, item))
    case 'any':
      return condition.of.some((part) => meets(part, item))
    case 'absent':
      return item?.[condition.field] === undefined
    default: {
      const stored = item?.[condition.field]
      if (stored === undefined) return false
      const { is, value } = condition
      return is === '=' ? stored === value : (stored as typeof value) < value || (is === '<=' && stored === value)
    }
  }
}
