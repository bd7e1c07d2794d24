import type { Snapshot } from '../../context/inspect.ts'
import { type Content, html, type Markup } from '../../page/html.ts'
import { renderNode, renderTime, unknown } from '../../page/render-parts.ts'
import { kindOf, type QuarantineKind, SILENT_MS } from '../../protocol/quarantine.ts'

/** What each kind of quarantine is, for a person who has not heard of it. */
const kinds: Readonly<Record<QuarantineKind, string>> = {
  operator: 'by a person',
  recovery: 'crash recovery at work',
  'recovery-failed': 'crash recovery gave up',
  override: 'publishes without commits',
  'awaits-restart': 'awaits a restart of op-node',
  upgrade: 'upgrade',
}

/**
 * The operations that work on the chain and the nodes that are kept from leading, from the lease: the widget has no
 * route to Step Functions. Nothing when there are none.
 */
export function renderUnderWay({ view: { lease, nodes, now } }: Snapshot): Markup | undefined {
  const quarantined = Object.entries(lease?.quarantine ?? {})
  if (!lease?.upgrade && quarantined.length === 0) return undefined
  const rows = quarantined.map(
    ([node, entry]) => html`<tr data-key="${node}">
<td>${renderNode(node, nodes)}</td>
<td>${kinds[kindOf(entry)]}</td>
<td class="why">${entry.why}</td>
<td>${entry.by}</td>
<td class="n">${renderTime(entry.since, now)}</td>
<td class="n">${entry.heardAt === undefined ? unknown : renderHeard(entry.heardAt, now)}</td></tr>`,
  )
  return html`<section class="under-way"><h2>Under way</h2>
${lease?.upgrade && renderUpgrade(lease.upgrade, now)}
${rows.length > 0 && html`<h3>Quarantine: these nodes do not lead</h3><table><thead><tr><th>Node</th><th>What</th><th>Why</th><th>By</th><th>Since</th><th title="the last sign of life of the operation that holds the node">Heard</th></tr></thead><tbody>${rows}</tbody></table>`}
</section>`
}

type Upgrade = NonNullable<NonNullable<Snapshot['view']['lease']>['upgrade']>

function renderUpgrade({ to, by, owner, since, heardAt, node, done = [] }: Upgrade, now: number): Markup {
  const finished = done.length > 0 && html`, done: ${done.join(', ')}`
  const state = owner === undefined ? html`<b class="bad">stopped</b>` : html`heard ${renderHeard(heardAt, now)}`
  return html`<p><b>Rolling upgrade to ${to}</b> by ${by}, begun ${renderTime(since, now)}${node !== undefined && html`, now at ${node}`}${finished}; ${state}.</p>`
}

/** A silent operation has ended without a word: a person must start it again or release the node. */
function renderHeard(at: number, now: number): Content {
  const time = renderTime(at, now)
  return now - at > SILENT_MS ? html`<b class="bad">${time}</b>` : time
}
