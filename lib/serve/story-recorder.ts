import * as v from 'valibot'
import type { Snapshot } from '../context/inspect.ts'
import type { Ticked } from '../monitor/tick.ts'
import {
  addBlock,
  type Commits,
  commitsSchema,
  noCommits,
  openGap,
  storyBlock,
  turnsOf,
} from '../page/story/commits.ts'
import { DAY_MS, type Story, type StoryGap } from '../page/story/story.ts'
import { tellFlags, tellMoves } from '../page/story/tell-moves.ts'
import type { HistoryRecord } from '../protocol/records.ts'
import type { Seen } from './block-feed.ts'
import { minutePlots, minutes, minutesSchema } from './story-minutes.ts'
import { signs, signsSchema } from './story-signs.ts'

/** Bounds of what is kept, whatever happens and however short the block time is. */
const MOST = { stretches: 500, turns: 60, records: 1_000 }

/** Gathers the last day of a chain in a bounded memory, from what this process sees. */
export type StoryRecorder = {
  onBlock(seen: Seen): void
  onTick(ticked: Ticked): void
  /** Adds records of the time before this process. */
  remember(history: readonly HistoryRecord[]): void
  /** Who saw the blocks knows what was missed. */
  tell(snapshot: Snapshot): Story & { readonly gaps: StoryGap[] }
  /** What {@link StoryRecorder.load} of the next process takes: JSON. */
  save(): string
  /** Continues what an earlier process saved. Only before the first block; `false` = it is not such a record. */
  load(saved: string): boolean
}

const savedSchema = v.object({
  version: v.literal(1),
  commits: commitsSchema,
  signs: signsSchema,
  minutes: minutesSchema,
})

/** A recorder that has seen nothing before `now()`. */
export function recordStory(blockTimeMs: number, now: () => number): StoryRecorder {
  let commits = noCommits(now())
  const records = new Map<string, HistoryRecord>()
  const measured = minutes()
  const seen = signs()
  const remember = (history: readonly HistoryRecord[]) => {
    for (const record of history) records.set(record.id, record)
  }

  return {
    onBlock({ block, tookMs }) {
      const { committedAt } = block
      const last = commits.newest.at(-1)
      addBlock(commits, storyBlock(block), blockTimeMs)
      measured.commit(committedAt, tookMs, last ? committedAt - last.at : undefined)
    },
    onTick(ticked) {
      seen.onTick(ticked)
      measured.tick(ticked)
    },
    remember,
    tell(snapshot) {
      const { chain, view } = snapshot
      remember(snapshot.history)
      forget(commits, records, view.now)
      const known = [...records.values()].toSorted((a, b) => b.at - a.at)
      return {
        version: 1,
        chain,
        now: view.now,
        since: commits.since,
        blockTimeMs,
        nodes: view.nodes.map(({ name }) => name),
        stretches: [...commits.stretches],
        gaps: [...commits.gaps, ...openGap(commits, view.now, blockTimeMs, view.policy.slackMs)],
        flags: tellFlags(known),
        moves: tellMoves(known, {
          blockTimeMs,
          turns: turnsOf(commits, view.lease),
          signs: seen.all,
          committedTerm: view.head?.committedTerm,
        }),
        plots: minutePlots(measured, view.nodes),
      }
    },
    save: () => JSON.stringify({ version: 1, commits, signs: seen.all, minutes: measured.all }),
    load(saved) {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), savedSchema), saved)
      if (!parsed.success || commits.newest.length > 0) return false
      commits = parsed.output.commits
      seen.all = parsed.output.signs
      measured.all = parsed.output.minutes
      return true
    },
  }
}

/** Drops what is older than a day, or more than fits. */
function forget(commits: Commits, records: Map<string, HistoryRecord>, now: number): void {
  const from = now - DAY_MS
  commits.since = Math.max(commits.since, from)
  commits.stretches = commits.stretches.filter(({ to }) => to > from).slice(-MOST.stretches)
  commits.gaps = commits.gaps.filter(({ to }) => to > from)
  commits.turns = commits.turns.slice(-MOST.turns)
  const kept = [...records.values()].toSorted((a, b) => b.at - a.at)
  for (const [i, { id, at }] of kept.entries()) if (at < from || i >= MOST.records) records.delete(id)
}
