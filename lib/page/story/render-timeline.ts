import { formatSpan, formatUtc } from '../../text/format.ts'
import { clipGaps, type Gap, slots } from '../../text/slots.ts'
import { type Content, html, type Markup } from '../html.ts'
import { colourOf } from '../render-parts.ts'
import { type Axis, axisOf, lanesOf, percent, renderTicks } from './axis.ts'
import { DAY_MS, type Flag, HOUR_MS, type Story } from './story.ts'

const LANE = 14
/** Room above the lanes for flags. */
const TOP = 20
const BOTTOM = 18
/** A gap is drawn at least this wide (per cent): the shorter ones are those people search for. */
const LEAST_GAP = 0.25
/** Flags closer together than this (per cent) are drawn as one. */
const LEAST_APART = 0.7

/** Who sequenced in the last hour and in the last day: stretches of terms, missed slots, and flags for what was done. */
export function renderTimeline(story: Story): Markup {
  return html`<section class="timeline" data-key="timeline"><h2>Timeline <small>who sequenced, missed slots, and what was done</small></h2>
<p class="legend"><span class="flag-move">▼ move</span> <span class="flag-page">▼ page</span> <span class="flag-act">▼ act</span> ${story.gaps !== undefined && html`<span class="hatched">missed slots</span> `} <span class="blank">not recorded</span></p>
${renderWindow(story, HOUR_MS, 'hour')}${renderWindow(story, DAY_MS, '24 h')}</section>`
}

function renderWindow(story: Story, spanMs: number, name: string): Markup {
  const { now, nodes, blockTimeMs } = story
  const axis = axisOf(now - spanMs, now)
  const named = nodes.map((node) => ({ name: node }))
  const stretches = story.stretches.filter(({ to }) => to > axis.from)
  const lanes = lanesOf(
    nodes,
    stretches.map(({ leader }) => leader),
  )
  const bottom = TOP + lanes.length * LANE
  const gaps = joinClose(clipGaps(story.gaps ?? [], axis.from, blockTimeMs), axis)
  const flags = story.flags.filter(({ at }) => at >= axis.from && at <= now)
  const missed = gaps.reduce((sum, gap) => sum + gap.missed, 0)
  const moves = flags.filter(({ kind }) => kind === 'move').length
  const cost = formatCost(story, missed, axis)
  const label = `Last ${name}: ${cost}${moves} ${moves === 1 ? 'move' : 'moves'}`
  const key = spanMs === HOUR_MS ? 'hour' : 'day'
  return html`<div class="window"><h3 id="timeline-${key}">${label}</h3><div class="strip"><ul aria-hidden="true">${lanes.map((node) => html`<li class="node ${colourOf(node, named)}">${node}</li>`)}</ul>
<svg role="img" aria-labelledby="timeline-${key}" width="100%" height="${bottom + BOTTOM}">
<defs><pattern id="gap-${key}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="3" height="5"/></pattern></defs>
${lanes.map((_, i) => html`<line class="rail" x1="0" x2="100%" y1="${TOP + (i + 0.5) * LANE}" y2="${TOP + (i + 0.5) * LANE}"/>`)}
${stretches.map(({ leader, term, from, to }) => {
  const lane = lanes.indexOf(leader)
  // The first block of a stretch filled the slot before it.
  const [left, right] = [Math.max(0, axis.x(from - blockTimeMs)), axis.x(to)]
  return html`<rect class="${colourOf(leader, named)}" x="${percent(left)}" width="${percent(Math.max(0.15, right - left))}" y="${TOP + lane * LANE + 2}" height="${LANE - 4}"><title>${leader}, term ${term}: ${formatUtc(from)} to ${formatUtc(to)}</title></rect>`
})}
${gaps.map(({ from, to, missed }) => {
  const left = Math.max(0, axis.x(from))
  return html`<g class="gap"><title>${slots(missed)} missed in ${formatSpan(to - from)}, from ${formatUtc(from)}</title><rect x="${percent(left)}" width="${percent(Math.max(LEAST_GAP, axis.x(to) - left))}" y="${TOP}" height="${bottom - TOP}" fill="url(#gap-${key})"/><line x1="${percent(left)}" x2="${percent(left)}" y1="${TOP - 4}" y2="${bottom}"/></g>`
})}
${story.since > axis.from && html`<g class="blank"><title>not recorded before ${formatUtc(story.since)}</title><rect x="0" width="${percent(Math.min(100, axis.x(story.since)))}" y="${TOP}" height="${bottom - TOP}"/></g>`}
${story.unseen
  .filter(({ to }) => to > axis.from)
  .map(({ from, to, blocks, missed }) => {
    const left = Math.max(0, axis.x(from))
    const title = `${blocks} ${blocks === 1 ? 'block was' : 'blocks were'} committed from ${formatUtc(from)} to ${formatUtc(to)}; when is not recorded${missed > 0 && `; at least ${slots(missed)} missed`}`
    return html`<g class="blank"><title>${title}</title><rect x="${percent(left)}" width="${percent(Math.max(LEAST_GAP, axis.x(to) - left))}" y="${TOP}" height="${bottom - TOP}"/></g>`
  })}
${gather(flags, axis).map((each) => renderFlag(each, axis))}
${renderTicks(axis, bottom + 13, { seconds: false })}
</svg></div></div>`
}

/** What is claimed of the slots of a span: no more than is known. */
function formatCost({ gaps, gapsSince = 0, unseen }: Story, missed: number, { from }: Axis): string {
  if (gaps === undefined) return ''
  const hidden = unseen.filter(({ to }) => to > from)
  if (gapsSince <= from && hidden.length === 0) return `${slots(missed)} missed, `
  const least = missed + hidden.reduce((sum, each) => sum + (each.from >= from ? each.missed : 0), 0)
  return least > 0 ? `at least ${slots(least)} missed, ` : 'not all slots recorded, '
}

/** Gaps that would be drawn over each other, as one. A clock that was set back leaves them out of order. */
function joinClose(gaps: readonly Gap[], axis: Axis): readonly Gap[] {
  const joined: Gap[] = []
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const before = joined.at(-1)
    if (before && axis.x(gap.from) - axis.x(before.to) < LEAST_GAP)
      joined[joined.length - 1] = { ...before, to: Math.max(before.to, gap.to), missed: before.missed + gap.missed }
    else joined.push(gap)
  }
  return joined
}

function gather(flags: readonly Flag[], { x }: Axis): readonly (readonly Flag[])[] {
  const groups: Flag[][] = []
  for (const flag of flags) {
    const [first] = groups.at(-1) ?? []
    if (first && x(flag.at) - x(first.at) < LEAST_APART) groups.at(-1)?.push(flag)
    else groups.push([flag])
  }
  return groups
}

/** The gravest of several flags gives the colour. */
const GRAVEST = ['page', 'move', 'act'] as const

function renderFlag(flags: readonly Flag[], { x }: Axis): Content {
  const [first] = flags
  if (!first) return undefined
  const kind = GRAVEST.find((each) => flags.some((flag) => flag.kind === each)) ?? 'act'
  const words = flags.slice(0, 8).map(({ at, text }) => `${formatUtc(at)} ${text}`)
  return html`<g class="flag-${kind}"><title>${words.join('\n')}${flags.length > 8 && `\nand ${flags.length - 8} more`}</title><text class="flag" x="${percent(x(first.at))}" y="14" text-anchor="middle">▼</text></g>`
}
