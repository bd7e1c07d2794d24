import { formatClock, formatSpan, formatUtc, shortHash } from '../../text/format.ts'
import { missedSlots, slots } from '../../text/slots.ts'
import { type Content, html, type Markup } from '../html.ts'
import { colourOf, renderTime } from '../render-parts.ts'
import { type Axis, axisOf, lanesOf, percent, renderTicks } from './axis.ts'
import type { Move, MoveStep, Story } from './story.ts'

const LANE = 22
const TOP = 6
const BOTTOM = 18
/** Number of slots drawn before the last block and after the first one. */
const AROUND = 2

export const stepNames: Record<MoveStep['what'], string> = {
  'last-block': 'Last block',
  'first-sign': 'First sign',
  decision: 'Decision',
  grant: 'Grant',
  fence: 'Fence',
  start: 'Start',
  'first-block': 'First block',
}

/** What the card links to. `reportOf`: where a move's incident report is; absent = there is none here. */
export type MoveOptions = { readonly reportOf?: ((term: number) => string) | undefined; readonly open?: boolean }

/** `bob took over from ada`. */
export function titleOf({ kind, from, to, done }: Move): string {
  if (kind === 'first') return `${to} began the chain`
  if (from === '') return done ? `${to} took over` : `${to} takes over`
  if (from === to) return done ? `${to} began a new term` : `${to} begins a new term`
  return kind === 'switchover'
    ? `Switchover from ${from} to ${to}`
    : `${to} ${done ? 'took' : 'takes'} over from ${from}`
}

/** Slots missed by a move, until now if it has no block yet; `undefined` = its blocks are not known. */
function missedOf({ missed, before, done }: Move, { now, blockTimeMs }: Pick<Story, 'now' | 'blockTimeMs'>) {
  const last = before.at(-1)
  return last && !done ? missedSlots(now - last.at, blockTimeMs) : missed
}

/** How much a move cost, in words: `0 slots missed, 2.04 s between the blocks`. */
export function costOf(move: Move, story: Pick<Story, 'now' | 'blockTimeMs'>): string {
  const { before, after, done } = move
  const [last, first] = [before.at(-1), after[0]]
  if (!done && last) return `no block yet, ${slots(missedOf(move, story) ?? 0)} missed so far`
  if (!last || !first) return done ? 'its blocks were not recorded' : 'no block yet'
  return `${slots(move.missed ?? 0)} missed, ${formatSeconds(first.at - last.at)} between the blocks`
}

/** Good only once it is known that it missed no slot. */
function judgeCost(move: Move, story: Story): '' | ' good' | ' bad' {
  const missed = missedOf(move, story)
  if (missed === undefined) return ''
  if (missed > 0) return ' bad'
  return move.done && move.after.length > 0 ? ' good' : ''
}

/** A span to the hundredth of a second below ten seconds. */
export function formatSeconds(ms: number): string {
  return Math.abs(ms) < 10_000 ? `${(ms / 1000).toFixed(2)} s` : formatSpan(ms)
}

/** Milliseconds with a sign and thin groups of three: `+1 043 ms`. */
export function formatMs(ms: number): string {
  const digits = String(Math.abs(Math.round(ms))).replace(/\B(?=(\d{3})+$)/g, ' ')
  return `${ms < 0 ? '−' : '+'}${digits} ms`
}

/** One move, replayed slot by slot and step by step on one time axis. */
export function renderMove(move: Move, story: Story, { reportOf, open = false }: MoveOptions = {}): Markup {
  const { term, why, steps } = move
  const begun = steps[0]?.at ?? story.now
  const report = reportOf?.(term)
  return html`<details class="move is-${move.kind}" data-key="move-${term}"${open && html` open`}>
<summary><b>${titleOf(move)}</b> <small>term ${term}, ${renderTime(begun, story.now)}</small> <span class="cost${judgeCost(move, story)}">${costOf(move, story)}</span></summary>
<p>${why === '' ? 'No cause was recorded' : html`<b>Cause:</b> ${why}`}.</p>
${renderReplay(move, story)}
${report !== undefined && html`<p><a href="${report}" download>Save the incident report</a> <small>Markdown, with the evidence</small></p>`}
</details>`
}

function renderReplay(move: Move, story: Story): Content {
  const { steps } = move
  const first = steps[0]
  const last = steps.at(-1)
  if (!first || !last) return undefined
  const { blockTimeMs, now } = story
  const ended = move.done
  const end = last.until ?? last.at
  const to = ended ? Math.max(end, (move.after[0]?.at ?? 0) + AROUND * blockTimeMs) : Math.max(now, end + 1)
  const axis = axisOf(first.at - AROUND * blockTimeMs, to, 1)
  return html`<div class="replay">${move.before.length + move.after.length > 0 && html`<div class="slots">${renderSlots(move, story, axis)}</div>`}
<table class="steps-of-move"><thead><tr><th scope="col">Step</th><th scope="col">What</th><th scope="col" class="n">Since the step before</th><th scope="col" class="n">Since the first</th><th scope="col" class="bar"><span class="only-heard">On the time axis</span></th></tr></thead><tbody>
${steps.map((step, i) => {
  const since = steps[i - 1]?.at
  const at = axis.x(step.at)
  const [left, right] = step.until === undefined ? [axis.x(since ?? step.at), at] : [at, axis.x(step.until)]
  return html`<tr data-key="${step.what}" class="step-${step.what}"><th scope="row">${stepNames[step.what]}</th><td class="what" data-label="What" title="${formatUtc(step.at)}">${step.text}</td>
<td class="n step-ms" data-label="Since the step before">${since === undefined ? '' : formatMs(step.at - since)}</td><td class="n" data-label="Since the first">${i === 0 ? formatClock(step.at) : formatMs(step.at - first.at)}</td>
<td class="bar"><svg aria-hidden="true" width="100%" height="14"><rect x="${percent(left)}" width="${percent(Math.max(0.4, right - left))}" y="4" height="6"/><circle cx="${percent(at)}" cy="7" r="4"/></svg></td></tr>`
})}</tbody></table></div>`
}

/** The slots around the move: the block of each, or that it was missed. */
function renderSlots(move: Move, story: Story, axis: Axis): Markup {
  const { term, before, after, steps } = move
  const { blockTimeMs, nodes } = story
  const named = nodes.map((name) => ({ name }))
  const leaders = [...before, ...after].map(({ leader }) => leader)
  const lanes = lanesOf(nodes, leaders).filter((name) => leaders.includes(name))
  const bottom = TOP + Math.max(1, lanes.length) * LANE
  const width = axis.x(axis.from + blockTimeMs) * 0.7
  const [last, first] = [before.at(-1), after[0]]
  const open = missedOf(move, story) ?? 0
  const shown = [...before, ...after].filter(({ at }) => at > axis.from && at <= axis.to)
  const label = `${shown.length} blocks around the move, ${slots(open)} missed`
  const sign = steps.find(({ what }) => what === 'grant')
  return html`<ul aria-hidden="true">${lanes.map((name) => html`<li class="node ${colourOf(name, named)}">${name || 'not known'}</li>`)}</ul>
<svg role="img" aria-label="${label}" width="100%" height="${bottom + BOTTOM}">
<defs><pattern id="gap-move-${term}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"/></pattern></defs>
${lanes.map((_, i) => html`<line class="rail" x1="0" x2="100%" y1="${TOP + (i + 0.5) * LANE}" y2="${TOP + (i + 0.5) * LANE}"/>`)}
${
  last &&
  Array.from({ length: Math.min(open, 600) }, (_, i) => {
    // The slots share the time between the blocks: a first block may come in the middle of one.
    const each = first ? (first.at - last.at) / (open + 1) : blockTimeMs
    const right = axis.x(last.at + (i + 1) * each)
    return html`<g class="gap"><title>missed slot ${i + 1}</title><rect x="${percent(right - width)}" width="${percent(width)}" y="${TOP}" height="${bottom - TOP}" fill="url(#gap-move-${term})"/></g>`
  })
}
${shown.map(({ number, hash = '', at, leader, term: ofTerm }) => {
  const right = axis.x(at)
  const left = Math.max(0, right - width)
  return html`<rect class="${colourOf(leader, named)}" x="${percent(left)}" width="${percent(right - left)}" y="${TOP + lanes.indexOf(leader) * LANE + 3}" height="${LANE - 6}" rx="2"><title>block ${number} ${hash} by ${leader}, term ${ofTerm}, ${formatUtc(at)}</title></rect>${width > 6 && html`<text class="on-block" x="${percent(right - width / 2)}" y="${TOP + (lanes.indexOf(leader) + 0.5) * LANE + 4}" text-anchor="middle">${hash === '' || width < 14 ? number : `${number} ${shortHash(hash)}`}</text>`}`
})}
${sign && html`<line class="term" x1="${percent(axis.x(sign.at))}" x2="${percent(axis.x(sign.at))}" y1="0" y2="${bottom}"><title>granted ${formatUtc(sign.at)}</title></line>`}
${first && last && html`<g class="span"><line x1="${percent(axis.x(last.at))}" x2="${percent(axis.x(first.at))}" y1="${bottom + 2}" y2="${bottom + 2}"/><text x="${percent((axis.x(last.at) + axis.x(first.at)) / 2)}" y="${bottom + 14}" text-anchor="middle">${formatSeconds(first.at - last.at)}</text></g>`}
${!(first && last) && renderTicks(axis, bottom + 14, { seconds: true })}
</svg>`
}
