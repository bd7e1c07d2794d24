import type { Snapshot } from '../context/inspect.ts'
import { type Control, controlsOf } from '../operator/controls.ts'
import { type Acts, type FaultStates, faultKinds } from './acts.ts'
import { type Content, html, type Markup } from './html.ts'
import { renderNode } from './render-parts.ts'
import { renderProcedures } from './render-procedures.ts'

/**
 * Renders the buttons of the offered acts; nothing when there is none. Faults are for simulated nodes only, with each
 * node's present faults beside them.
 */
export function renderControls(snapshot: Snapshot, acts: Acts, faults: FaultStates = {}): Markup | undefined {
  if (!acts.operate && !acts.fault) return undefined
  const { nodes } = snapshot.view
  const controls = controlsOf(snapshot.view)
  const rows = nodes.map(
    ({ name }) => html`<tr data-key="${name}"><th scope="row">${renderNode(name, nodes)}</th>
<td>${acts.operate && controls.nodes[name]?.map(renderControl)}</td>
${acts.fault && html`<td class="faults">${renderFaultState(faults[name])}</td><td>${faultButtons(name)}</td>`}</tr>`,
  )
  return html`<section class="controls" data-key="controls"><h2>Act</h2>
<p>${acts.operate && controls.chain.map(renderControl)}</p>
<div class="wide"><table><thead><tr><th>Node</th><th>Sequencing</th>${acts.fault && html`<th>Faults now</th><th>Rehearse a fault (simulated nodes)</th>`}</tr></thead><tbody>${rows}</tbody></table></div>
${acts.procedures && renderProcedures(nodes, acts.procedures)}</section>`
}

const renderControl = ({ act, ...shown }: Control): Markup => renderButton({ verb: act, ...shown })

function faultButtons(node: string): readonly Markup[] {
  return Object.entries(faultKinds).map(([kind, { label, title }]) =>
    renderButton({ verb: 'fault', label, title, ask: `${label} on ${node}? ${title}.`, input: { node, kind } }),
  )
}

function renderFaultState(states: readonly string[] = []): Content {
  return states.length === 0 ? html`<span class="quiet">none</span>` : html`<b class="bad">${states.join(', ')}</b>`
}

/** What a button sends, and the question before it does. */
type Button = {
  readonly verb: string
  readonly label: string
  readonly title?: string
  readonly ask: string
  readonly input: Readonly<Record<string, string>>
  readonly disabled?: boolean
}

function renderButton({ verb, label, title, ask, input, disabled = false }: Button): Markup {
  return html`<button type="button" data-verb="${verb}" data-input="${JSON.stringify(input)}" data-ask="${ask}"${title !== undefined && html` title="${title}"`}${disabled && html` disabled`}>${label}</button> `
}
