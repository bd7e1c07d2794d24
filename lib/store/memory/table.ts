import { applied, type Write, type Written } from '../../protocol/write.ts'

/** One table of single items that obeys the protocol's conditional writes. `keyField` is stored with each item. */
export function memoryTable<R extends object>(keyField?: keyof R & string) {
  const items = new Map<string, R>()
  return {
    get: (key: string): R | undefined => items.get(key),
    write(key: string, write: Write<R>): Written<R> {
      const old = items.get(key)
      const item = applied(write, old)
      if (!item) return { applied: false, old }
      const named = { ...(keyField && { [keyField]: key }), ...item }
      items.set(key, named)
      return { applied: true, item: named }
    },
  }
}
