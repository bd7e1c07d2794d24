import * as v from 'valibot'

/** Unix ms. */
const time = v.pipe(v.number(), v.finite())
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const text = v.pipe(v.string(), v.maxLength(2_000))

/** A committed block; its time is when the gate wrote it. */
export const blockSchema = v.object({ number: count, hash: v.optional(text), at: time, leader: text, term: count })

/** An uninterrupted stretch of one leader's term, from its first commit to its last. */
export const stretchSchema = v.object({ leader: text, term: count, from: time, to: time })

/** A time without commits, between two blocks, that cost `missed` slots; `open` = no block has ended it. */
export const gapSchema = v.object({ from: time, to: time, missed: count, open: v.optional(v.boolean(), false) })

/** A time of which only the number of committed blocks is known, and how many slots were missed at least. */
const unseenSchema = v.object({ from: time, to: time, blocks: count, missed: count })

/** A moment to find on the timeline: a move of sequencing, a page, an operator's act. */
const flag = v.object({ at: time, kind: v.picklist(['move', 'page', 'act']), text })

/** One step of a move. `until`: when it ended, for a step that took time. */
const step = v.object({
  what: v.picklist(['last-block', 'first-sign', 'decision', 'grant', 'fence', 'start', 'first-block']),
  at: time,
  until: v.optional(time),
  text,
})

/** A change of the leader, step by step. Absent = not known. */
const move = v.object({
  kind: v.picklist(['failover', 'switchover', 'first']),
  term: count,
  /** Empty = no node. */
  from: text,
  to: text,
  /** One sentence without a full stop. */
  why: text,
  steps: v.array(step),
  /** The newest blocks before it and the first ones after it, oldest first. */
  before: v.array(blockSchema),
  after: v.array(blockSchema),
  missed: v.optional(count),
  /** Whether its leader has committed a block. */
  done: v.boolean(),
})

/** One line of a plot: `[time, value]`, oldest first. */
const line = v.object({ name: text, points: v.array(v.tuple([time, v.number()])) })

/** A measured value over time. `less`: a low value is the bad one, as for a remaining time. */
const plot = v.object({
  id: v.picklist(['commit', 'gap', 'lag', 'l1', 'runway']),
  title: text,
  unit: v.picklist(['ms', 'blocks']),
  lines: v.array(line),
  less: v.optional(v.boolean(), false),
})

/**
 * What happened on a chain in the last day, as plain data: the input of the renderer from either source (the process
 * of the page, or the widget from metrics and history). Times in Unix ms; everything oldest first.
 */
export const storySchema = v.object({
  version: v.literal(1),
  chain: v.object({ id: text, name: text }),
  now: time,
  /** Since when commits are known; what is before is drawn as unknown. */
  since: time,
  blockTimeMs: v.pipe(v.number(), v.minValue(1)),
  /** Every node, in the order of the configuration, which gives it its colour. */
  nodes: v.array(text),
  stretches: v.array(stretchSchema),
  /** Absent = the blocks are not known, so neither are the missed slots. */
  gaps: v.optional(v.array(gapSchema)),
  /** Since when all gaps are known; of the time before only those at moves are. Absent = of all the time. */
  gapsSince: v.optional(time),
  /** Where blocks were committed of which no more is known; oldest first. */
  unseen: v.optional(v.array(unseenSchema), []),
  flags: v.array(flag),
  moves: v.array(move),
  plots: v.array(plot),
})

/** The last day of a chain: see {@link storySchema}. */
export type Story = v.InferOutput<typeof storySchema>
export type StoryGap = v.InferOutput<typeof gapSchema>
export type Flag = Story['flags'][number]
export type Move = Story['moves'][number]
export type MoveStep = Move['steps'][number]
export type StoryBlock = Move['before'][number]
export type Plot = Story['plots'][number]

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
