/** Blocks by number, both ends included. */
export type BlockRange = { readonly from: bigint; readonly to: bigint }

/** The number of blocks in a range. */
export const sizeOf = ({ from, to }: BlockRange): number => Number(to - from) + 1

/** A range as text: `7` or `7–12`. */
export const formatRange = ({ from, to }: BlockRange): string => (from === to ? `${from}` : `${from}–${to}`)

/** The numbers of a range, ascending. */
export function* numbersOf({ from, to }: BlockRange): Generator<bigint, void> {
  for (let number = from; number <= to; number++) yield number
}

/** A range in pieces of at most `size`, ascending. */
export function* piecesOf({ from, to }: BlockRange, size: number): Generator<BlockRange, void> {
  const step = BigInt(size)
  for (let start = from; start <= to; start += step) {
    yield { from: start, to: start + step - 1n < to ? start + step - 1n : to }
  }
}

/** Ascending numbers as ranges, with neighbours joined. */
export function rangesOf(numbers: Iterable<bigint>): BlockRange[] {
  const ranges: { from: bigint; to: bigint }[] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && last.to + 1n === number) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges
}

/** The progress of a backfill. */
export type Progress = {
  /** The node's newest verified block, with its state. */
  readonly number: bigint
  /** Blocks plugged in this run, and blocks to plug in all. */
  readonly done: number
  readonly total: number
  /** Average of this run. */
  readonly blocksPerSecond: number
  /** Time to the end at this rate, ms; absent without a rate. */
  readonly etaMs?: number
}

/** Computes the progress since `startedAt` (Unix ms). */
export function measure(
  { number, done, total }: Pick<Progress, 'number' | 'done' | 'total'>,
  startedAt: number,
  now: number,
): Progress {
  const seconds = Math.max(now - startedAt, 1) / 1000
  const blocksPerSecond = done / seconds
  const progress = { number, done, total, blocksPerSecond }
  return done === 0 ? progress : { ...progress, etaMs: Math.round(((total - done) / blocksPerSecond) * 1000) }
}
