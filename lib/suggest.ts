/**
 * The word a mistyped one was probably meant to be; `undefined` when none is close. A word may differ in a third of its
 * letters, at least in one; swapped neighbours count as one difference.
 *
 * @example
 * closest('stauts', ['start', 'status']) // 'status'
 */
export function closest(typed: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 3))
  const ranked = words
    .map((word) => ({ word, apart: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ apart }) => apart <= limit)
    .sort((a, b) => a.apart - b.apart)
  const beginning = typed.length >= 3 ? words.filter((word) => word.startsWith(typed)) : []
  return ranked[0]?.word ?? (beginning.length === 1 ? beginning[0] : undefined)
}

/** `Did you mean "status"?` with a space behind it, or nothing. */
export function didYouMean(typed: string, words: readonly string[], write = (word: string) => word): string {
  const word = closest(typed, words)
  return word === undefined ? '' : `Did you mean "${write(word)}"? `
}

/** How many letters to insert, remove, replace or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
