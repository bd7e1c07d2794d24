import type { Snapshot } from '../context/inspect.ts'
import { timeBlocks } from '../text/slots.ts'
import { formatSpan } from '../text/time.ts'
import { html, type Markup } from './html.ts'
import { renderHash, renderNode, renderTime, unknown } from './render-parts.ts'

const SHOWN = 50

/** The newest committed blocks, each with the time since the one before it. */
export function renderBlocks(snapshot: Snapshot): Markup {
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
