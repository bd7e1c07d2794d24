import * as v from 'valibot'
import type { ListedBlock, Snapshot } from '../../context/inspect.ts'
import { missedSlots } from '../../text/slots.ts'
import type { Turn } from './moves.ts'
import { blockSchema, gapSchema, type Story, type StoryBlock, type StoryGap, stretchSchema } from './story.ts'

/** Blocks kept on each side of a change of term. */
const AROUND = 3
/** Gaps kept; more of them are joined by the minute. */
const MOST_GAPS = 3_000

/** Blocks that are not known count as a hole in what is known if they took longer than this (ms). */
const HOLE_MS = 10_000

/**
 * Blocks that were committed between two known ones and that this reader did not see; without `before`, all before the
 * first known one. `asked`: the archive was asked, and this is what it does not list.
 */
const holeSchema = v.object({ before: v.optional(blockSchema), after: blockSchema, asked: v.boolean() })
export type Hole = v.InferOutput<typeof holeSchema>

/** What is kept of the commits: no block but the newest ones and those around a change of term. */
export const commitsSchema = v.object({
  /** Since when commits are known (Unix ms). */
  since: v.number(),
  stretches: v.array(stretchSchema),
  gaps: v.array(gapSchema),
  turns: v.array(v.object({ term: v.number(), before: v.array(blockSchema), after: v.array(blockSchema) })),
  /** The newest blocks, oldest first. */
  newest: v.array(blockSchema),
  holes: v.optional(v.array(holeSchema), []),
})
export type Commits = v.InferOutput<typeof commitsSchema>

/** Nothing known yet, from a moment on (Unix ms). */
export const noCommits = (since: number): Commits => ({
  since,
  stretches: [],
  gaps: [],
  turns: [],
  newest: [],
  holes: [],
})

/** Only what was committed from a moment on (Unix ms). */
export const commitsSince = ({ stretches, gaps, turns, newest, holes }: Commits, since: number): Commits => ({
  since,
  stretches: stretches.flatMap((each) => (each.to < since ? [] : [{ ...each, from: Math.max(each.from, since) }])),
  gaps: gaps.filter(({ from }) => from >= since),
  turns: turns.filter(({ after: [first] }) => first !== undefined && first.at >= since),
  newest: newest.filter(({ at }) => at >= since),
  holes: holes.flatMap(({ before, ...hole }) =>
    hole.after.at < since ? [] : [{ ...hole, before: before && before.at >= since ? before : undefined }],
  ),
})

/** A block as the story has it. */
export function storyBlock({ number, hash, leader, term, committedAt }: ListedBlock): StoryBlock {
  return { number: Number(number), hash, leader, term, at: committedAt }
}

/** Adds a commit that follows the newest one; one that is known already changes nothing. */
export function addBlock(kept: Commits, block: StoryBlock, blockTimeMs: number): void {
  const before = kept.newest.at(-1)
  const { leader, term, at, number } = block
  if (before && number <= before.number && at <= before.at) return
  if (!before) kept.since = Math.min(kept.since, at)
  const follows = before !== undefined && (number <= before.number + 1 || at - before.at <= HOLE_MS)
  const turn = kept.turns.at(-1)
  if (follows && before.term !== term) kept.turns.push({ term, before: kept.newest.slice(-AROUND), after: [block] })
  else if (follows && turn && turn.term === term && turn.after.length < AROUND)
    kept.turns[kept.turns.length - 1] = { ...turn, after: [...turn.after, block] }
  const stretch = kept.stretches.at(-1)
  if (stretch && stretch.leader === leader && stretch.term === term)
    kept.stretches[kept.stretches.length - 1] = { ...stretch, to: Math.max(stretch.to, at) }
  else kept.stretches.push({ leader, term, from: at, to: at })
  if (!before || !follows) kept.holes.push({ before, after: block, asked: false })
  else addGap(kept, before, block, blockTimeMs)
  if (!follows) kept.newest = []
  kept.newest.push(block)
  if (kept.newest.length > AROUND) kept.newest.shift()
}

/**
 * Puts the blocks that the archive lists (the lowest first) into a hole. What they leave open stays a hole; the
 * archive is not asked about it again.
 */
export function fillHole(kept: Commits, hole: Hole, listed: readonly StoryBlock[], blockTimeMs: number): void {
  const place = kept.holes.indexOf(hole)
  if (place === -1) return
  const { before, after } = hole
  const part = noCommits(after.at)
  for (const block of [...(before ? [before] : []), ...listed, after]) addBlock(part, block, blockTimeMs)
  // The first hole of every row of blocks is what was before it.
  kept.holes.splice(place, 1, ...part.holes.slice(1).map((each) => ({ ...each, asked: true })))
  if (!before) kept.since = Math.min(kept.since, part.since)
  kept.gaps = [...kept.gaps, ...part.gaps].toSorted((a, b) => a.from - b.from)
  kept.turns = [...kept.turns, ...part.turns].toSorted((a, b) => a.term - b.term)
  kept.stretches = joinStretches([...kept.stretches, ...part.stretches])
}

type Stretch = Commits['stretches'][number]

/** Those of one term as one. */
export function joinStretches(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = []
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1)
    if (last && last.term === stretch.term && last.leader === stretch.leader)
      joined[joined.length - 1] = { ...last, to: Math.max(last.to, stretch.to) }
    else joined.push(stretch)
  }
  return joined
}

/** A gap between two commits; the slots of blocks that another process committed in between were not missed. */
function addGap(kept: Commits, before: StoryBlock, block: StoryBlock, blockTimeMs: number): void {
  const missed = missedBetween(before, block, blockTimeMs)
  if (missed <= 0) return
  kept.gaps.push({ from: before.at, to: block.at, missed, open: false })
  if (kept.gaps.length > MOST_GAPS) kept.gaps = joinByMinute(kept.gaps)
}

const unseenBetween = (before: StoryBlock, { number }: StoryBlock) => Math.max(0, number - before.number - 1)
const missedBetween = (before: StoryBlock, block: StoryBlock, blockTimeMs: number) =>
  Math.max(0, missedSlots(block.at - before.at, blockTimeMs) - unseenBetween(before, block))

/** The holes as the story has them: how many blocks, and how many slots were missed at least. */
export function unseenOf({ holes }: Pick<Commits, 'holes'>, blockTimeMs: number): Story['unseen'] {
  return holes.flatMap(({ before, after }) =>
    before
      ? [
          {
            from: before.at,
            to: after.at,
            blocks: unseenBetween(before, after),
            missed: missedBetween(before, after, blockTimeMs),
          },
        ]
      : [],
  )
}

/** Gaps that begin in the same minute as one: where they lie in it is lost, their number is not. */
function joinByMinute(gaps: readonly StoryGap[]): StoryGap[] {
  const byMinute = Map.groupBy(gaps, ({ from }) => Math.floor(from / 60_000))
  return [...byMinute.values()].map((all) => ({
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
    missed: all.reduce((sum, { missed }) => sum + missed, 0),
    open: false,
  }))
}

/** The gap that no block has ended yet. */
export function openGap(
  { newest }: Pick<Commits, 'newest'>,
  now: number,
  blockTimeMs: number,
  slackMs: number,
): StoryGap[] {
  const last = newest.at(-1)
  const missed = last ? missedSlots(now - last.at - slackMs, blockTimeMs) : 0
  return last && missed > 0 ? [{ from: last.at, to: now, missed, open: true }] : []
}

/** The changes of term, with the one under way. */
export function turnsOf(
  { turns, newest }: Pick<Commits, 'turns' | 'newest'>,
  lease: Snapshot['view']['lease'],
): readonly Turn[] {
  const last = newest.at(-1)
  return lease && last && lease.term > last.term ? [...turns, { term: lease.term, before: newest, after: [] }] : turns
}
