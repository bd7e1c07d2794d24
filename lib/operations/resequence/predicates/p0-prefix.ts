import { broken, holds, type Predicate } from './predicate.ts'

/** Nothing up to the kept batch may change. Hashes cover their ancestors, so the newest would do; each is looked at. */
export const p0: Predicate = {
  name: 'P0',
  claim: 'no block of the kept batches has changed',
  check({ before, after }) {
    const hashes = new Map(after.kept.map(({ number, hash }) => [number, hash]))
    const changed = before.kept.find(({ number, hash }) => hashes.get(number) !== hash)
    if (changed)
      return broken(`block ${changed.number} was ${changed.hash}, is ${hashes.get(changed.number) ?? 'gone'}`)
    const last = before.kept.at(-1)
    return last ? holds(`block ${last.number} is still ${last.hash}`) : broken('no kept block was looked at')
  },
}
