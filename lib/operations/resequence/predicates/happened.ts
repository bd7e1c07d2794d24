import type { Comparison, Sighting } from '../stretch.ts'

/** Why there is nothing to compare; `undefined` = the stretch was removed, and there is one again. */
export function nothingHappened({ before, unwoundTo, after }: Comparison): string | undefined {
  const kept = before.kept.at(-1)
  if (!kept) return 'no kept block was read'
  if (unwoundTo === undefined) return 'where the database ended after the unwind was not read'
  if (unwoundTo !== kept.number) return `the database ended with block ${unwoundTo}, not with the kept ${kept.number}`
  return emptiness('before', before) ?? emptiness('after', after)
}

function emptiness(when: string, { kept, stretch }: Sighting): string | undefined {
  if (kept.length === 0) return `no kept block was read ${when}`
  if (stretch.blocks.length === 0) return `there was no block after the kept ones ${when}`
  if (stretch.batches.length === 0) return `there was no batch after the kept one ${when}`
  return undefined
}
