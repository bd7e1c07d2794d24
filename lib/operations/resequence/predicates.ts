import { type Comparison, lastKept, type Snapshot } from './block-range.ts'
import { originsOf } from './origins.ts'

/** The names of the predicates, as in docs/resequence.md. */
export type PredicateName = 'P0' | 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'P8'

/** Whether a predicate holds, and the evidence, in one sentence. */
export type Finding = { readonly holds: boolean; readonly evidence: string }

/** One statement about what re-sequencing must not change. */
export type Predicate = {
  readonly name: PredicateName
  readonly claim: string
  readonly check: (comparison: Comparison) => Finding
}

export const holds = (evidence: string): Finding => ({ holds: true, evidence })
export const broken = (evidence: string): Finding => ({ holds: false, evidence })

/** Why there is nothing to compare; `undefined` = the range was removed and exists again. */
export function nothingHappened({ before, unwoundTo, after }: Comparison): string | undefined {
  const kept = before.kept.at(-1)
  if (!kept) return 'no kept block was read'
  if (unwoundTo === undefined) return 'where the database ended after the unwind was not read'
  if (unwoundTo !== kept.number) return `the database ended with block ${unwoundTo}, not with the kept ${kept.number}`
  return emptiness('before', before) ?? emptiness('after', after)
}

function emptiness(when: string, { kept, range }: Snapshot): string | undefined {
  if (kept.length === 0) return `no kept block was read ${when}`
  if (range.blocks.length === 0) return `there was no block after the kept ones ${when}`
  if (range.batches.length === 0) return `there was no batch after the kept one ${when}`
  return undefined
}

/** Nothing up to the kept batch may change. Hashes cover their ancestors, so the newest would do; each is checked. */
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

/** Every new block is an original or a part of one, in order, and every original is there. */
export const p1: Predicate = {
  name: 'P1',
  claim: 'each block is an old one or a part of one, in order, none merged and none missing',
  check({ before, after }) {
    const found = new Map<number, number>()
    let last = 0
    for (const { block, of, parts } of originsOf(before.range, after.range)) {
      if (of === undefined) return broken(`block ${block.number} is not (a part of) any old block`)
      if (parts.length > 1) return broken(`block ${block.number} merges old blocks`)
      if (of < last) return broken(`block ${block.number} comes after parts of later blocks`)
      last = of
      found.set(of, (found.get(of) ?? 0) + 1)
    }
    const missing = before.range.blocks.findIndex((_, i) => !found.has(i))
    const lost = before.range.blocks[missing]
    if (lost) return broken(`old block ${lost.number} has no block any more`)
    const doubled = before.range.blocks.findIndex(({ transactions }, i) => {
      return transactions.length === 0 && found.get(i) !== 1
    })
    const empty = before.range.blocks[doubled]
    if (empty) return broken(`old block ${empty.number} was empty and is there ${found.get(doubled)} times`)
    const split = [...found.values()].filter((parts) => parts > 1).length
    return holds(`${before.range.blocks.length} old blocks are ${after.range.blocks.length}, ${split} of them split`)
  },
}

/** Contracts may read a block's time: every part keeps its original's. */
export const p2: Predicate = {
  name: 'P2',
  claim: 'each block has the timestamp of its old one',
  check({ before, after }) {
    for (const { block, of } of originsOf(before.range, after.range)) {
      const old = of === undefined ? undefined : before.range.blocks[of]
      if (!old) return broken(`block ${block.number} is of no old block: its time cannot be compared`)
      if (old.timestamp !== block.timestamp) {
        return broken(
          `block ${block.number} has time ${block.timestamp}, its old one ${old.number} had ${old.timestamp}`,
        )
      }
    }
    return holds(`${after.range.blocks.length} timestamps are as they were`)
  },
}

/** A block's transactions are a contiguous, ordered run of its original's. */
export const p3: Predicate = {
  name: 'P3',
  claim: "each block's transactions are one unbroken run of its old block's",
  check({ before, after }) {
    for (const { block, of } of originsOf(before.range, after.range)) {
      const { transactions } = block
      const old = of === undefined ? undefined : before.range.blocks[of]?.transactions
      if (!old) return broken(`block ${block.number} is of no old block`)
      const start = transactions[0] === undefined ? 0 : old.indexOf(transactions[0])
      const strange = transactions.findIndex((hash, i) => start < 0 || old[start + i] !== hash)
      if (strange >= 0)
        return broken(`block ${block.number}: transaction ${transactions[strange]} does not follow in order`)
    }
    return holds(`the transactions of ${after.range.blocks.length} blocks follow as in the old ones`)
  },
}

/** A batch may be split, never merged with another. */
export const p4: Predicate = {
  name: 'P4',
  claim: 'each batch is an old one or a part of one, in order',
  check({ before, after }) {
    const from = new Map<bigint, bigint>()
    let last = 0n
    for (const { block, of } of originsOf(before.range, after.range)) {
      const old = of === undefined ? undefined : before.range.blocks[of]?.batch
      if (old === undefined) return broken(`block ${block.number} is of no old block: nor is batch ${block.batch}`)
      const known = from.get(block.batch) ?? old
      if (known !== old) return broken(`batch ${block.batch} joins blocks of the old batches ${known} and ${old}`)
      if (old < last) return broken(`batch ${block.batch} is of old batch ${old}, after parts of ${last}`)
      last = old
      from.set(block.batch, old)
    }
    return holds(`${from.size} batches are parts of ${new Set(from.values()).size} old ones`)
  },
}

/** Splitting makes more batches, never fewer, and skips no number. */
export const p5: Predicate = {
  name: 'P5',
  claim: 'there are at least as many blocks and batches, numbered without a gap',
  check({ before, after }) {
    const [old, now] = [before.range, after.range]
    if (now.blocks.length < old.blocks.length) return broken(`${old.blocks.length} blocks became ${now.blocks.length}`)
    if (now.batches.length < old.batches.length) {
      return broken(`${old.batches.length} batches became ${now.batches.length}`)
    }
    const firstBlock = lastKept(before).number + 1n
    const gap = now.blocks.find(({ number }, i) => number !== firstBlock + BigInt(i))
    if (gap) return broken(`block ${gap.number} does not follow in number`)
    const firstBatch = old.batches[0]?.number
    const hole = now.batches.find(({ number }, i) => firstBatch === undefined || number !== firstBatch + BigInt(i))
    if (hole) return broken(`batch ${hole.number} does not follow in number`)
    const blocks = `${old.blocks.length} blocks became ${now.blocks.length}`
    return holds(`${blocks}, ${old.batches.length} batches ${now.batches.length}`)
  },
}

/** The node can silently drop a transaction (an overflow followed by one that fits), even in strict mode. */
export const p6: Predicate = {
  name: 'P6',
  claim: 'no transaction is lost, added or moved',
  check({ before, after }) {
    const old = before.range.blocks.flatMap(({ transactions }) => transactions)
    const now = after.range.blocks.flatMap(({ transactions }) => transactions)
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

/** The new blocks form one chain on top of the kept one, and every batch but the last is closed. */
export const p7: Predicate = {
  name: 'P7',
  claim: 'the blocks are one chain on the kept one, and each batch but the last is closed',
  check({ before, after }) {
    let { hash } = lastKept(before)
    for (const block of after.range.blocks) {
      if (block.parentHash !== hash) return broken(`block ${block.number} has parent ${block.parentHash}, not ${hash}`)
      hash = block.hash
    }
    const open = after.range.batches.slice(0, -1).find(({ closed }) => !closed)
    if (open) return broken(`batch ${open.number} is not closed`)
    return holds(`${after.range.blocks.length} blocks are linked, the last is ${hash}`)
  },
}

/** Strict: the same blocks to the last byte. The node never compares hashes, so this is the only check. */
export const p8: Predicate = {
  name: 'P8',
  claim: 'strict: every block and batch is the same as before',
  check({ before, after }) {
    const [old, now] = [before.range, after.range]
    if (now.batches.length !== old.batches.length) {
      return broken(`${old.batches.length} batches became ${now.batches.length}`)
    }
    if (now.blocks.length !== old.blocks.length)
      return broken(`${old.blocks.length} blocks became ${now.blocks.length}`)
    const other = now.blocks.findIndex(
      ({ hash, batch }, i) => hash !== old.blocks[i]?.hash || batch !== old.blocks[i]?.batch,
    )
    const block = now.blocks[other]
    if (block) return broken(`block ${block.number} is ${block.hash}, was ${old.blocks[other]?.hash}`)
    return holds(`${now.blocks.length} blocks have the same hashes and batches`)
  },
}

export const predicates = [p0, p1, p2, p3, p4, p5, p6, p7, p8] as const

/** One predicate's result; `required` = the run fails without it. */
export type Judgement = Finding & { readonly name: PredicateName; readonly claim: string; readonly required: boolean }

/**
 * Checks all predicates. None holds for an unchanged chain or an empty range: "for each" over an empty list is no
 * evidence. P8 is required of a strict run; otherwise it only reports whether anything changed.
 */
export function judge(comparison: Comparison, { strict }: { readonly strict: boolean }): readonly Judgement[] {
  const nothing = nothingHappened(comparison)
  return predicates.map(({ name, claim, check }) => ({
    name,
    claim,
    required: strict || name !== 'P8',
    ...(nothing === undefined ? check(comparison) : broken(nothing)),
  }))
}

/** The required predicates that do not hold. */
export function failures(judgements: readonly Judgement[]): readonly Judgement[] {
  return judgements.filter(({ required, holds }) => required && !holds)
}
