import { broken, holds, type Predicate } from './predicate.ts'

/** The node can drop a transaction without a word (an overflow followed by one that fits), in strict mode, too. */
export const p6: Predicate = {
  name: 'P6',
  claim: 'no transaction is lost, added or moved',
  check({ before, after }) {
    const old = before.stretch.blocks.flatMap(({ transactions }) => transactions)
    const now = after.stretch.blocks.flatMap(({ transactions }) => transactions)
    const present = new Set(now)
    const lost = old.find((hash) => !present.has(hash))
    if (lost) return broken(`transaction ${lost} is lost`)
    const moved = now.findIndex((hash, i) => hash !== old[i])
    if (moved >= 0) return broken(`transaction ${now[moved]} stands where ${old[moved] ?? 'none'} stood`)
    return holds(
      old.length > 0 ? `${old.length} transactions in the same order` : 'no block had a transaction, none has',
    )
  },
}
