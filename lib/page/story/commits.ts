import * as v from 'valibot'
import type { ListedBlock, Snapshot } from '../../context/inspect.ts'
import { missedSlots } from '../../text/slots.ts'
import { blockSchema, gapSchema, type StoryBlock, type StoryGap, stretchSchema } from './story.ts'
import type { Turn } from './tell-moves.ts'

/** Blocks kept on each side of a change of term. */
const AROUND = 3
/** Gaps kept; more of them are joined by the minute. */
const MOST_GAPS = 3_000

/** What is kept of the commits: no block but the newest ones and those around a change of term. */
export const commitsSchema = v.object({
  /** Since when commits are known (Unix ms). */
  since: v.number(),
  stretches: v.array(stretchSchema),
  gaps: v.array(gapSchema),
  turns: v.array(v.object({ term: v.number(), before: v.array(blockSchema), after: v.array(blockSchema) })),
  /** The newest blocks, oldest first. */
  newest: v.array(blockSchema),
})
export type Commits = v.InferOutput<typeof commitsSchema>

/** Nothing known yet, from a moment on (Unix ms). */
export const noCommits = (since: number): Commits => ({ since, stretches: [], gaps: [], turns: [], newest: [] })

/** A block as the story has it. */
export function storyBlock({ number, hash, leader, term, committedAt }: ListedBlock): StoryBlock {
  return { number: Number(number), hash, leader, term, at: committedAt }
}

/** Adds a commit that follows the newest one. */
export function addBlock(kept: Commits, block: StoryBlock, blockTimeMs: number): void {
  const before = kept.newest.at(-1)
  const { leader, term, at } = block
  const turn = kept.turns.at(-1)
  if (before && before.term !== term) kept.turns.push({ term, before: kept.newest.slice(-AROUND), after: [block] })
  else if (turn && turn.term === term && turn.after.length < AROUND)
    kept.turns[kept.turns.length - 1] = { ...turn, after: [...turn.after, block] }
  const stretch = kept.stretches.at(-1)
  if (stretch && stretch.leader === leader && stretch.term === term)
    kept.stretches[kept.stretches.length - 1] = { ...stretch, to: at }
  else kept.stretches.push({ leader, term, from: at, to: at })
  if (before) addGap(kept, before, block, blockTimeMs)
  kept.newest.push(block)
  if (kept.newest.length > AROUND) kept.newest.shift()
}

/** A gap between two commits; the slots of blocks that another process committed in between were not missed. */
function addGap(kept: Commits, before: StoryBlock, block: StoryBlock, blockTimeMs: number): void {
  const unseen = Math.max(0, block.number - before.number - 1)
  const missed = missedSlots(block.at - before.at, blockTimeMs) - unseen
  if (missed <= 0) return
  kept.gaps.push({ from: before.at, to: block.at, missed, open: false })
  if (kept.gaps.length > MOST_GAPS) kept.gaps = joinByMinute(kept.gaps)
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
