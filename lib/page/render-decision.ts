import type { Snapshot } from '../context/inspect.ts'
import { explain } from '../text/explain.ts'
import { formatAgo } from '../text/time.ts'
import { html, type Markup } from './html.ts'

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
