import type { ListedBlock, Snapshot } from '../context/inspect.ts'
import { formatSpan, formatUtc } from '../text/format.ts'
import { clipGaps, findGaps, type Gap, slots } from '../text/slots.ts'
import { type Content, html, type Markup } from './html.ts'
import { colourOf } from './render-parts.ts'
import { axisOf, percent, renderTicks } from './story/axis.ts'

const LANE = 22
const AXIS = 20
/** Room above the lanes for the names of terms. */
const TOP = 16
/** The strip covers this many block times, and never less than a minute. */
const SHOWN_SLOTS = 60
const SHOWN_MS = 60_000
/** Room right of "now", in per cent of the strip. */
const MARGIN = 1

/**
 * The recent commits on a time axis, one lane for each node: bars are blocks, hatched columns are missed slots, dashed
 * lines are changes of term.
 */
export function renderLanes(snapshot: Snapshot): Markup {
  const { view, blocks } = snapshot
  const { now, policy, nodes } = view
  const from = now - Math.max(SHOWN_SLOTS * policy.blockTimeMs, SHOWN_MS)
  const bottom = TOP + nodes.length * LANE
  const axis = axisOf(from, now, MARGIN)
  const { x } = axis
  const width = Math.max(0.25, x(from + policy.blockTimeMs) * 0.7)
  const shown = blocks.filter(({ committedAt }) => committedAt > from)
  const gaps = clipGaps(findGaps(snapshot), from, policy.blockTimeMs)
  const missed = gaps.reduce((sum, gap) => sum + gap.missed, 0)

  const bars = shown.map((block) => {
    const lane = nodes.findIndex(({ name }) => name === block.leader)
    const left = Math.max(0, x(block.committedAt) - width)
    const y = TOP + Math.max(0, lane) * LANE + 4
    return html`<rect data-key="${block.number}" class="${colourOf(block.leader, nodes)}" x="${percent(left)}" y="${y}" width="${percent(x(block.committedAt) - left)}" height="${LANE - 8}" rx="1"><title>${block.number} by ${block.leader}, term ${block.term}, ${formatUtc(block.committedAt)}</title></rect>`
  })
  const count = `${shown.length} ${shown.length === 1 ? 'block' : 'blocks'}, ${slots(missed)} missed`
  // Without any block nothing is known of the slots.
  const label = `Commits of the last ${formatSpan(now - from)}: ${blocks.length === 0 ? 'none known' : count}`
  return html`<section class="lanes"><h2>Commits <small>${label.replace('Commits of the ', '')}</small></h2>
<div class="strip"><ul aria-hidden="true">${nodes.map(({ name }) => html`<li class="node ${colourOf(name, nodes)}">${name}</li>`)}</ul>
<svg role="img" aria-label="${label}" width="100%" height="${bottom + AXIS}">
<defs><pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"/></pattern></defs>
${nodes.map((_, i) => html`<line class="rail" x1="0" x2="100%" y1="${TOP + (i + 0.5) * LANE}" y2="${TOP + (i + 0.5) * LANE}"/>`)}
${gaps.map((gap) => renderGap(gap, Math.max(0, x(gap.from)), x(gap.to) - (gap.open ? 0 : width), bottom - TOP))}
${bars}
${changesOfTerm(shown).map(({ term, committedAt }) => {
  const at = percent(x(committedAt) - width)
  return html`<line class="term" x1="${at}" x2="${at}" y1="4" y2="${bottom}"/><text class="term" x="${at}" dx="4" y="11">term ${term}</text>`
})}
${renderTicks(axis, bottom + 14, { seconds: true })}
<line class="now" x1="${percent(100 - MARGIN)}" x2="${percent(100 - MARGIN)}" y1="${TOP}" y2="${bottom}"/>
</svg></div></section>`
}

function renderGap({ from, to, missed, open }: Gap, left: number, right: number, height: number): Content {
  if (right <= left) return undefined
  const text = `${slots(missed)} missed${open ? ' so far' : ''}`
  const middle = percent((left + right) / 2)
  return html`<g class="gap${open && ' open'}"><title>no commit for ${formatSpan(to - from)}, from ${formatUtc(from)}: ${text}</title><rect x="${percent(left)}" y="${TOP}" width="${percent(right - left)}" height="${height}" fill="url(#gap)"/><text x="${middle}" y="${TOP + height / 2}" text-anchor="middle" dominant-baseline="central">${right - left > 7 ? html`<tspan class="long">${text}</tspan><tspan class="short">−${missed}</tspan>` : `−${missed}`}</text></g>`
}

/** The first block of each term but the oldest one shown. */
function changesOfTerm(blocks: readonly ListedBlock[]): readonly ListedBlock[] {
  return blocks.filter(({ term }, i) => blocks[i + 1] !== undefined && blocks[i + 1]?.term !== term)
}
