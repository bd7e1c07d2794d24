import { holds, type Write, type Written } from '../../protocol/write.ts'

/** One table of single items that obeys the protocol's conditional writes. `keyField` is stored with each item. */
export function memoryTable<R extends object>(keyField?: keyof R & string) {
  const items = new Map<string, R>()
  return {
    get: (key: string): R | undefined => items.get(key),
    write(key: string, { set, copy = {}, remove = [], when }: Write<R>): Written<R> {
      const old = items.get(key)
      if (!holds(when, old as Record<string, unknown> | undefined)) return { applied: false, old }
      const item: Record<string, unknown> = { ...old, ...(keyField && { [keyField]: key }), ...set }
      for (const [field, from] of Object.entries(copy)) item[field] = old?.[from as keyof R]
      for (const field of remove) delete item[field]
      items.set(key, item as R)
      return { applied: true, item: item as R }
    },
  }
}
