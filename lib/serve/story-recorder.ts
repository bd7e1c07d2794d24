import * as v from 'valibot'
import type { ListedBlock, Snapshot } from '../context/inspect.ts'
import type { Ticked } from '../monitor/tick.ts'
import {
  addBlock,
  type Commits,
  commitsSchema,
  commitsSince,
  fillHole,
  type Hole,
  joinStretches,
  noCommits,
  openGap,
  storyBlock,
  turnsOf,
  unseenOf,
} from '../page/story/commits.ts'
import { stretchesOf } from '../page/story/from-history.ts'
import { flagsOf, movesOf } from '../page/story/moves.ts'
import { DAY_MS, type Story, type StoryBlock, type StoryGap } from '../page/story/story.ts'
import type { Head, HistoryRecord } from '../protocol/records.ts'
import type { Seen } from './block-feed.ts'
import { minutePlots, minutes, minutesSchema } from './story-minutes.ts'
import { signs, signsSchema } from './story-signs.ts'

/** Bounds of what is kept, whatever happens and however short the block time is. */
const MOST = { stretches: 500, turns: 60, records: 1_000, holes: 200 }

/** Gathers the last day of a chain in a bounded memory: from what this process sees, and from what the archive lists. */
export type StoryRecorder = {
  onBlock(seen: Seen): void
  onTick(ticked: Ticked): void
  /** Adds records of the time before this process. */
  remember(history: readonly HistoryRecord[]): void
  /** Where blocks are missing that the archive may list. */
  holes(): readonly Hole[]
  /** Puts what the archive lists (the lowest first) into a hole. */
  fill(hole: Hole, listed: readonly ListedBlock[]): void
  /** Who saw the blocks knows what was missed. */
  storyOf(snapshot: Snapshot): Story & { readonly gaps: StoryGap[] }
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
    // Records that begin are those of a new chain: what was saved of an older one under its id is not its story.
    const begun = Math.max(0, ...history.flatMap(({ what, at }) => (what === 'seed' ? [at] : [])))
    if (begun <= commits.since) return
    commits = commitsSince(commits, begun)
    seen.all = seen.all.filter(({ decidedAt = 0 }) => decidedAt >= begun)
    measured.since(begun)
  }

  /** The head of the tick before. By now this process's gate has reported it, if it has committed it. */
  let seenHead: Head | undefined

  return {
    onBlock({ block, tookMs }) {
      const { committedAt, number } = block
      const last = commits.newest.at(-1)
      addBlock(commits, storyBlock(block), blockTimeMs)
      const follows = last && Number(number) === last.number + 1
      measured.commit(committedAt, tookMs, follows ? committedAt - last.at : undefined)
    },
    onTick(ticked) {
      // Other gates commit too.
      if (seenHead && isCommit(seenHead)) addBlock(commits, blockOf(seenHead), blockTimeMs)
      seenHead = ticked.view.head
      seen.onTick(ticked)
      measured.tick(ticked)
    },
    remember,
    holes: () => commits.holes.filter(({ asked }) => !asked),
    fill: (hole, listed) => fillHole(commits, hole, listed.map(storyBlock), blockTimeMs),
    storyOf(snapshot) {
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
        stretches: joinStretches([...unseenStretches(commits, known, view.now), ...commits.stretches]).filter(
          ({ leader }) => leader !== '',
        ),
        gaps: [...commits.gaps, ...openGap(withHead(commits, view.head), view.now, blockTimeMs, view.policy.slackMs)],
        gapsSince: commits.since,
        unseen: unseenOf(commits, blockTimeMs),
        flags: flagsOf(known),
        moves: movesOf(known, {
          blockTimeMs,
          turns: turnsOf(commits, view.lease),
          signs: seen.all,
          committedTerm: view.head?.committedTerm,
        }),
        plots: minutePlots(measured, view.nodes),
      }
    },
    save() {
      // Without an open page, this alone bounds the memory.
      forget(commits, records, now())
      return JSON.stringify({ version: 1, commits, signs: seen.all, minutes: measured.all })
    },
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

/** A head that a fence has touched names the next leader; one that was placed was not committed. */
const isCommit = ({ term, committedTerm, committedAt }: Head) => term === committedTerm && committedAt > 0

const blockOf = ({ number, hash, leader, term, committedAt }: Head): StoryBlock =>
  storyBlock({ number, hash, leader, term, committedAt })

/** The newest blocks, with a head that nothing has reported yet: no slot after it is missed because of that. */
function withHead({ newest }: Commits, head: Head | undefined): Pick<Commits, 'newest'> {
  const last = newest.at(-1)
  return { newest: head && last && Number(head.number) > last.number ? [blockOf(head)] : newest }
}

/** Who led while blocks were not seen, as the history has it. */
function unseenStretches(
  { since, holes }: Commits,
  history: readonly HistoryRecord[],
  now: number,
): Story['stretches'] {
  const moved = holes.flatMap(({ before, after }) =>
    before && before.term !== after.term ? [{ from: before.at, to: after.at }] : [],
  )
  const led = stretchesOf(history, now)
  return [{ from: now - DAY_MS, to: since }, ...moved].flatMap(({ from, to }) =>
    led
      .filter((stretch) => stretch.to > from && stretch.from < to)
      .map((stretch) => ({ ...stretch, from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) })),
  )
}

/** Drops what is older than a day, or more than fits. */
function forget(commits: Commits, records: Map<string, HistoryRecord>, now: number): void {
  const from = now - DAY_MS
  commits.since = Math.max(commits.since, from)
  commits.stretches = commits.stretches.filter(({ to }) => to > from).slice(-MOST.stretches)
  commits.gaps = commits.gaps.filter(({ to }) => to > from)
  commits.turns = commits.turns.slice(-MOST.turns)
  commits.holes = commits.holes.filter(({ after }) => after.at > from).slice(-MOST.holes)
  const kept = [...records.values()].toSorted((a, b) => b.at - a.at)
  for (const [i, { id, at }] of kept.entries()) if (at < from || i >= MOST.records) records.delete(id)
}
