import type { Snapshot } from '../context/inspect.ts'
import { explain } from '../text/explain.ts'
import { formatAgo, formatReasons, formatRepeats, formatSpan } from '../text/format.ts'
import { timeBlocks } from '../text/slots.ts'
import { html, type Markup } from './html.ts'
import { renderBanner } from './render-banner.ts'
import { renderLanes } from './render-lanes.ts'
import { renderNodes } from './render-nodes.ts'
import { renderHash, renderNode, renderTime, unknown } from './render-parts.ts'
import { style } from './style.ts'

type RenderOptions = {
  /** Colours to use; by default those of the reader's system. */
  readonly theme?: 'light' | 'dark'
  /** Time of display (Unix ms), to tell old news from new; by default the time of the observation. */
  readonly at?: number
  /** Shown below nodes and commits: the host page's buttons. */
  readonly controls?: Markup | undefined
  /** Shown below the banner: a running procedure. */
  readonly running?: Markup | undefined
}

/**
 * Renders everything a screen shows as one HTML fragment. It holds style and SVG, but neither scripts nor external
 * resources, so it also works where those are stripped.
 */
export function renderState(
  looked: Snapshot,
  { theme, at = looked.view.now, controls, running }: RenderOptions = {},
): string {
  const snapshot = refresh(looked, at)
  return html`<div class="baton cwdb-no-default-styles"${theme && html` data-theme="${theme}"`}>
<style>${style}</style>
${renderBanner(snapshot, looked.view.now)}
${running}
${renderNodes(snapshot)}
${renderLanes(snapshot)}
${controls}
<div class="columns"><div>${renderDecision(snapshot)}${renderBlocks(snapshot)}</div>${renderHistory(snapshot)}</div>
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
function renderBlocks(snapshot: Snapshot): Markup {
  const { now, nodes } = snapshot.view
  const rows = timeBlocks(snapshot)
    .slice(0, SHOWN)
    .map(
      ({ number, hash, leader, term, committedAt, sinceMs, missed, l1Origin }) => html`<tr data-key="${number}">
<td class="n"><b>${number}</b> ${renderHash(hash)}</td>
<td>${renderNode(leader, nodes)}</td>
<td class="n">${term}</td>
<td class="n">${renderTime(committedAt, now)}</td>
<td class="n">${sinceMs === undefined ? unknown : formatSpan(sinceMs)}${missed > 0 && html` <b class="bad" title="${missed} slots missed">−${missed}</b>`}</td>
<td class="n">${l1Origin ? html`<span title="${l1Origin.hash}">${l1Origin.number}</span>` : unknown}</td></tr>`,
    )
  return html`<section class="blocks"><h2>Blocks</h2>${
    rows.length === 0
      ? html`<p class="quiet">No block was committed yet.</p>`
      : html`<div class="tall" tabindex="0" aria-label="Blocks"><table><thead><tr><th>Block</th><th>Leader</th><th>Term</th><th>Committed</th><th title="time since the block before it; −n = slots missed in between">After</th><th title="L1 origin">L1</th></tr></thead><tbody>${rows}</tbody></table></div>`
  }</section>`
}

/** The decision: what Baton does now, and why not something else. */
export function renderDecision(snapshot: Snapshot): Markup {
  const { acts, because, next, whyNot } = explain(snapshot)
  const { wakeAt } = snapshot.decision
  const list = (sentences: readonly string[]) => html`<ul>${sentences.map((text) => html`<li>${text}</li>`)}</ul>`
  return html`<section class="decision"><h2>Decision</h2>
<h3>What Baton does now</h3>
${
  acts.length === 0
    ? html`<p>Nothing.</p>`
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
<td class="who" title="${actor.kind} ${actor.name}">${actor.name}${actor.kind === 'operator' && html` <small>operator</small>`}</td>
<td><b>${what}</b>${formatRepeats({ count, lastAt })}</td>
<td>${node === undefined ? unknown : renderNode(node, view.nodes)}</td>
<td class="n">${term}</td>
<td class="n">${head}</td>
<td class="why">${formatReasons(reasons, node)}</td></tr>`,
  )
  return html`<section class="history"><h2>History</h2>${
    rows.length === 0
      ? html`<p class="quiet">Nothing was done yet.</p>`
      : html`<div class="tall" tabindex="0" aria-label="History"><table><thead><tr><th>When</th><th>Who</th><th>What</th><th>Node</th><th>Term</th><th>Head</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table></div>`
  }</section>`
}
