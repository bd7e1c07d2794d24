import * as v from 'valibot'
import type { Ticked } from '../monitor/tick.ts'
import { DAY_MS, type Plot } from '../page/story/story.ts'

const MINUTE_MS = 60_000
const MOST_MINUTES = DAY_MS / MINUTE_MS
/** Commit times kept of a minute; with a shorter block time the rest is left out. */
const MOST_COMMITS = 600

/** The measured values of one minute: the worst of each, and the commits' times to find a share of them. */
const minuteSchema = v.object({
  at: v.number(),
  commits: v.array(v.number()),
  gapMs: v.number(),
  lag: v.record(v.string(), v.number()),
  left: v.record(v.string(), v.number()),
})
type Minute = v.InferOutput<typeof minuteSchema>

/** The minutes of a day, oldest first. */
export const minutesSchema = v.pipe(v.array(minuteSchema), v.maxLength(MOST_MINUTES))

/** Measured values by the minute, for a day. */
export type Minutes = {
  all: Minute[]
  /** A commit, the time the store took, and the time since the block before. */
  commit(at: number, tookMs: number, sinceMs: number | undefined): void
  tick(ticked: Ticked): void
  /** Drops the minutes before the one of this moment (Unix ms). */
  since(at: number): void
}

export function minutes(): Minutes {
  const minuteOf = (at: number): Minute => {
    const { all } = kept
    const start = Math.floor(at / MINUTE_MS) * MINUTE_MS
    const last = all.at(-1)
    // A clock that is set back adds to the newest minute.
    if (last && start <= last.at) return last
    if (last) last.commits = [share(last.commits, 0.5), share(last.commits, 0.99)].flatMap((each) => each ?? [])
    const minute: Minute = { at: start, commits: [], gapMs: 0, lag: {}, left: {} }
    all.push(minute)
    if (all.length > MOST_MINUTES) all.shift()
    return minute
  }
  const kept: Minutes = {
    all: [],
    commit(at, tookMs, sinceMs) {
      const minute = minuteOf(at)
      if (minute.commits.length < MOST_COMMITS) minute.commits.push(tookMs)
      if (sinceMs !== undefined) minute.gapMs = Math.max(minute.gapMs, sinceMs)
    },
    since(at) {
      kept.all = kept.all.filter((minute) => minute.at > at - MINUTE_MS)
    },
    tick({ view, decision }) {
      const { lag, left } = minuteOf(view.now)
      for (const verdict of decision.verdicts) {
        if (verdict.lag !== undefined) lag[verdict.node] = Math.max(lag[verdict.node] ?? 0, Number(verdict.lag))
      }
      const { window, drift, batcher, proposer } = decision.l1 ?? {}
      const remaining = {
        'batch window': window?.leftMs,
        drift: drift?.leftMs,
        batcher: batcher?.runwayMs,
        proposer: proposer?.runwayMs,
      }
      for (const [name, ms] of Object.entries(remaining))
        if (ms !== undefined) left[name] = Math.min(left[name] ?? Number.POSITIVE_INFINITY, ms)
    },
  }
  return kept
}

/** The value that this share of the values does not exceed. */
function share(values: readonly number[], part: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * part) - 1)]
}

/** The plots of what was measured. */
export function minutePlots({ all }: Minutes, nodes: readonly { readonly name: string }[]): Plot[] {
  const line = (name: string, value: (minute: Minute) => number | undefined) => ({
    name,
    points: all.flatMap((minute): [number, number][] => {
      const known = value(minute)
      return known === undefined ? [] : [[minute.at, known]]
    }),
  })
  const left = (name: string) => line(name, (minute) => minute.left[name])
  const measured = (lines: Plot['lines']) => lines.filter(({ points }) => points.length > 0)
  return [
    {
      id: 'commit',
      title: 'Commit, at the store',
      unit: 'ms',
      lines: [line('p50', ({ commits }) => share(commits, 0.5)), line('p99', ({ commits }) => share(commits, 0.99))],
      less: false,
    },
    {
      id: 'gap',
      title: 'Time between blocks',
      unit: 'ms',
      lines: [line('gap', ({ gapMs }) => gapMs || undefined)],
      less: false,
    },
    {
      id: 'lag',
      title: 'Lag behind the head',
      unit: 'blocks',
      lines: nodes.map(({ name }) => line(name, ({ lag }) => lag[name])),
      less: false,
    },
    {
      id: 'l1',
      title: 'Time left on L1',
      unit: 'ms',
      lines: measured([left('batch window'), left('drift')]),
      less: true,
    },
    {
      id: 'runway',
      title: 'Ether lasts for',
      unit: 'ms',
      lines: measured([left('batcher'), left('proposer')]),
      less: true,
    },
  ]
}
