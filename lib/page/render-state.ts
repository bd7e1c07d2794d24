import type { Snapshot } from '../context/inspect.ts'
import { explain } from '../text/explain.ts'
import { formatAgo, formatReasons, formatRepeats, formatSpan } from '../text/format.ts'
import { slots, timeBlocks } from '../text/slots.ts'
import { html, type Markup } from './html.ts'
import { type BannerOptions, renderBanner, renderDetails } from './render-banner.ts'
import { renderLanes } from './render-lanes.ts'
import { renderNodes } from './render-nodes.ts'
import { renderHash, renderNode, renderTime, unknown } from './render-parts.ts'
import { renderPlots } from './story/render-plots.ts'
import { renderMoves, type StoryOptions } from './story/render-story.ts'
import { renderTimeline } from './story/render-timeline.ts'
import type { Story } from './story/story.ts'
import { style } from './style.ts'

type RenderOptions = {
  /** Colours to use; by default those of the reader's system. */
  readonly theme?: 'light' | 'dark'
  /** Time of display (Unix ms), to tell old news from new; by default the time of the observation. */
  readonly at?: number
  /** Shown below what is live: the host page's buttons. */
  readonly controls?: Markup | undefined
  /** Shown last: what only a rehearsal needs. */
  readonly rehearsal?: Markup | undefined
  /** What happened in the last day; absent = not recorded here. */
  readonly story?: Story | undefined
  /** Shown below the banner: a running procedure. */
  readonly running?: Markup | undefined
} & BannerOptions &
  StoryOptions

/**
 * Renders everything a screen shows as one HTML fragment. It holds style and SVG, but neither scripts nor external
 * resources, so it also works where those are stripped.
 */
export function renderState(looked: Snapshot, options: RenderOptions = {}): string {
  const { theme, at = looked.view.now, controls, rehearsal, running, story } = options
  const snapshot = refresh(looked, at)
  return html`<div class="baton cwdb-no-default-styles"${theme && html` data-theme="${theme}"`}>
<style>${style}</style>
${renderBanner(snapshot, looked.view.now, options)}
${running}
${renderNodes(snapshot)}
${renderLanes(snapshot)}
${story && renderTimeline(story)}
${controls}
${story && renderMoves(story, options)}
<div class="columns"><div>${renderDecision(snapshot)}${renderDetails(snapshot)}${renderBlocks(snapshot)}</div>${renderHistory(snapshot)}</div>
${story && renderPlots(story)}
${rehearsal}
</div>`.text
}

/**
 * Brings a snapshot up to its time of display (`at`, Unix ms). Observations are a second apart, while commits arrive at
 * once: this counts ages from now on, and takes the newest known commit as the head.
 */
export function refresh(snapshot: Snapshot, at: number): Snapshot {
  const { view, blocks } = snapshot
  const { head } = view
  const newest = blocks[0]
  const committed = head && newest && newest.number > head.number && newest.term === head.term ? newest : undefined
  const now = Math.max(view.now, at)
  return {
    ...snapshot,
    view: {
      ...view,
      now,
      ...(head && committed && { head: { ...head, ...committed, committedTerm: committed.term } }),
    },
  }
}

const SHOWN = 50

/** The newest committed blocks, each with the time since the one before it. */
export function renderBlocks(snapshot: Snapshot): Markup {
  const { now, nodes } = snapshot.view
  const rows = timeBlocks(snapshot)
    .slice(0, SHOWN)
    .map(
      ({ number, hash, leader, term, committedAt, sinceMs, missed, l1Origin }) => html`<tr data-key="${number}">
<td class="n"><b>${number}</b> ${renderHash(hash)}</td>
<td data-label="Leader">${renderNode(leader, nodes)}</td>
<td class="n" data-label="Term">${term}</td>
<td class="n" data-label="Committed">${renderTime(committedAt, now)}</td>
<td class="n" data-label="After">${sinceMs === undefined ? unknown : formatSpan(sinceMs)}${missed > 0 && html` <b class="bad" title="${slots(missed)} missed">−${missed}</b>`}</td>
<td class="n" data-label="L1">${l1Origin ? html`<span title="${l1Origin.hash}">${l1Origin.number}</span>` : unknown}</td></tr>`,
    )
  return html`<section class="blocks"><h2>Blocks</h2>${
    rows.length === 0
      ? html`<p class="quiet">No block was committed yet.</p>`
      : html`<div class="tall" role="region" tabindex="0" aria-label="Blocks"><table><thead><tr><th>Block</th><th>Leader</th><th>Term</th><th>Committed</th><th title="time since the block before it; −n = slots missed in between">After</th><th title="L1 origin">L1</th></tr></thead><tbody>${rows}</tbody></table></div>`
  }</section>`
}

/** The decision: what Baton does now, and why not something else. */
export function renderDecision(snapshot: Snapshot): Markup {
  const { acts, because, idle, next, whyNot } = explain(snapshot)
  const { wakeAt } = snapshot.decision
  const list = (sentences: readonly string[]) => html`<ul>${sentences.map((text) => html`<li>${text}</li>`)}</ul>`
  return html`<section class="decision"><h2>Decision</h2>
<h3>What Baton does now</h3>
${
  acts.length === 0
    ? html`<p>${idle.charAt(0).toUpperCase()}${idle.slice(1)}.</p>`
    : html`<ul>${acts.map(({ act, because }) => html`<li><b>${act}</b>${because.length > 0 && html`: ${because.join('; ')}`}</li>`)}</ul>`
}
${because.length > 0 && html`<h3>Because</h3>${list(because)}`}
<h3>Why not something else</h3>
<p>${next === undefined ? html`<b class="bad">No node could take over now.</b>` : html`<b>${next}</b> would be next.`}</p>
${whyNot.length > 0 && list(whyNot)}
${wakeAt !== undefined && html`<p class="quiet">Next look ${formatAgo(wakeAt, snapshot.view.now)}.</p>`}
</section>`
}

/** What Baton and the operators did or refused to do, newest first. */
export function renderHistory({ history, view }: Snapshot): Markup {
  const rows = history.map(
    ({ id, at, actor, what, node, term, head, reasons, count, lastAt }) => html`<tr data-key="${id}">
<td class="n">${renderTime(at, view.now)}</td>
<td class="who" data-label="Who" title="${actor.kind} ${actor.name}">${actor.name}${actor.kind === 'operator' && html` <small>operator</small>`}</td>
<td data-label="What"><b>${what}</b>${formatRepeats({ count, lastAt })}</td>
<td data-label="Node">${node === undefined ? unknown : renderNode(node, view.nodes)}</td>
<td class="n position" data-label="Term">${term}</td>
<td class="n position" data-label="Head">${head}</td>
<td class="why" data-label="Why">${formatReasons(reasons, node)}</td></tr>`,
  )
  return html`<section class="history"><h2>History</h2>${
    rows.length === 0
      ? html`<p class="quiet">Nothing has been done yet.</p>`
      : html`<div class="tall" role="region" tabindex="0" aria-label="History"><table><thead><tr><th>When</th><th>Who</th><th>What</th><th>Node</th><th>Term</th><th>Head</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table></div>`
  }</section>`
}
