import { type Content, html, type Markup } from '../html.ts'
import { renderMove } from './render-move.ts'
import { renderPlots } from './render-plots.ts'
import { renderTimeline } from './render-timeline.ts'
import { HOUR_MS, type Story } from './story.ts'

/** Where the incident reports of moves are; absent = there are none here. */
export type StoryOptions = { readonly reportOf?: (term: number) => string }

/** Number of moves that have a card. */
const CARDS = 8

/**
 * The last day of a chain: timeline, cards of its moves, plots. A pure function of the story, for the page and for the
 * console's widget; its markup needs the style sheet of the page around it, and neither scripts nor anything from
 * elsewhere.
 */
export function renderStory(story: Story, options: StoryOptions = {}): Markup {
  return html`${renderTimeline(story)}${renderMoves(story, options)}${renderPlots(story)}`
}

/** The newest moves; the newest one is unfolded while it is news. */
export function renderMoves(story: Story, { reportOf }: StoryOptions = {}): Content {
  const moves = story.moves.filter(({ kind }) => kind !== 'first').slice(-CARDS)
  if (moves.length === 0) return undefined
  const newest = moves.at(-1)
  const recent = newest && story.now - (newest.steps.at(-1)?.at ?? 0) < HOUR_MS
  return html`<section class="moves" data-key="moves"><h2>Moves <small>each slot by slot and step by step</small></h2>
${moves.toReversed().map((move) => renderMove(move, story, { reportOf, open: recent === true && move === newest }))}</section>`
}
