import type { CommittedBlock, Snapshot } from '../context/inspect.ts'
import { formatClock, formatSpan, formatUtc } from '../text/format.ts'
import { findGaps, type Gap } from '../text/slots.ts'
import { type Content, html, type Markup } from './html.ts'
import { colourOf } from './render-parts.ts'

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
  const x = (at: number) => ((at - from) / (now - from)) * (100 - MARGIN)
  const width = Math.max(0.25, x(from + policy.blockTimeMs) * 0.7)
  const shown = blocks.filter(({ committedAt }) => x(committedAt) >= width)
  const gaps = findGaps(snapshot).filter(({ to }) => to > from)

  const bars = shown.map((block) => {
    const lane = nodes.findIndex(({ name }) => name === block.leader)
    const y = TOP + Math.max(0, lane) * LANE + 4
    return html`<rect data-key="${block.number}" class="${colourOf(block.leader, nodes)}" x="${percent(x(block.committedAt) - width)}" y="${y}" width="${percent(width)}" height="${LANE - 8}" rx="1"><title>${block.number} by ${block.leader}, term ${block.term}, ${formatUtc(block.committedAt)}</title></rect>`
  })
  const label = `Commits of the last ${formatSpan(now - from)}: ${shown.length} blocks, ${gaps.reduce((sum, { missed }) => sum + missed, 0)} slots missed`
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
${ticks(from, now).map((at, i) => html`<text class="tick${i % 2 === 1 && ' minor'}" x="${percent(x(at))}" y="${bottom + 14}">${formatClock(at)}</text>`)}
<line class="now" x1="${percent(100 - MARGIN)}" x2="${percent(100 - MARGIN)}" y1="${TOP}" y2="${bottom}"/>
</svg></div></section>`
}

function renderGap({ from, to, missed, open }: Gap, left: number, right: number, height: number): Content {
  if (right <= left) return undefined
  const text = `${missed} ${missed === 1 ? 'slot' : 'slots'} missed${open ? ' so far' : ''}`
  const middle = percent((left + right) / 2)
  return html`<g class="gap${open && ' open'}"><title>no commit for ${formatSpan(to - from)}, from ${formatUtc(from)}: ${text}</title><rect x="${percent(left)}" y="${TOP}" width="${percent(right - left)}" height="${height}" fill="url(#gap)"/><text x="${middle}" y="${TOP + height / 2}" text-anchor="middle" dominant-baseline="central">${right - left > 7 ? text : `−${missed}`}</text></g>`
}

/** The first block of each term but the oldest one shown. */
function changesOfTerm(blocks: readonly CommittedBlock[]): readonly CommittedBlock[] {
  return blocks.filter(({ term }, i) => blocks[i + 1] !== undefined && blocks[i + 1]?.term !== term)
}

/** Round moments between two times, at most eight. */
function ticks(from: number, to: number): readonly number[] {
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((s) => s * 1000)
  const step = steps.find((s) => (to - from) / s <= 8) ?? 7_200_000
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step)
}

function percent(value: number): string {
  return `${value.toFixed(2)}%`
}
