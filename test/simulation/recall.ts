/** So many are kept at least: some blocks come in every other history, most in one. */
const KEPT = 2_000

/**
 * A pure function that is computed once for each key, on this thread: what histories share costs them nothing.
 * What was not asked for while {@link KEPT} others were computed is forgotten.
 */
export function recall<K, I extends unknown[], O>(keyOf: (...input: I) => K, compute: (...input: I) => O) {
  let young = new Map<K, O>()
  let old = new Map<K, O>()
  return (...input: I): O => {
    const key = keyOf(...input)
    const fresh = young.get(key)
    if (fresh !== undefined) return fresh
    const value = old.get(key) ?? compute(...input)
    if (young.size >= KEPT) {
      old = young
      young = new Map()
    }
    young.set(key, value)
    return value
  }
}
