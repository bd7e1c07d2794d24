/** How far a backfill is. */
export type Progress = {
  /** The newest block the node was seen to have, with its state. */
  readonly number: bigint
  /** Blocks plugged in this run, and how many there are in all. */
  readonly done: number
  readonly total: number
  /** Average of this run. */
  readonly blocksPerSecond: number
  /** Until the end at this rate, ms; absent while there is no rate. */
  readonly etaMs?: number
}

/** Makes a progress report from what was done since `startedAt` (Unix ms). */
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
