import type { Snapshot } from '../context/inspect.ts'
import { formatReasons } from '../text/reason.ts'
import { formatRepeats } from '../text/time.ts'
import { html, type Markup } from './html.ts'
import { renderNode, renderTime, unknown } from './render-parts.ts'

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
