import type { Snapshot } from '../context/inspect.ts'
import { type Control, controlsOf } from '../operator/controls.ts'
import type { DoThis } from '../text/do-this.ts'
import { type Acts, type FaultStates, faultKinds } from './acts.ts'
import { type Content, html, type Markup } from './html.ts'
import { renderNode } from './render-parts.ts'
import { renderProcedures } from './render-procedures.ts'

/** The buttons of the offered acts and the forms of the procedures; nothing when there is none. */
export function renderControls(snapshot: Snapshot, acts: Acts): Markup | undefined {
  if (!acts.operate) return undefined
  const { nodes } = snapshot.view
  const controls = controlsOf(snapshot.view)
  const rows = nodes.map(
    ({ name }) => html`<tr data-key="${name}"><th scope="row">${renderNode(name, nodes)}</th>
<td data-label="Acts">${controls.nodes[name]?.map(renderControl)}</td></tr>`,
  )
  return html`<section class="controls" data-key="controls" aria-labelledby="acts"><h2 id="acts">Act</h2>
<p>${controls.chain.map(renderControl)}</p>
<div class="wide" role="region" aria-labelledby="acts" tabindex="0"><table><thead><tr><th scope="col">Node</th><th scope="col">Acts</th></tr></thead><tbody>${rows}</tbody></table></div>
${acts.procedures && renderProcedures(nodes, acts.procedures)}</section>`
}

/** The button of one act, where it would change something as the chain stands. */
export function renderOffered(snapshot: Snapshot, wanted: NonNullable<DoThis['act']>): Content {
  const controls = controlsOf(snapshot.view)
  const all = [...controls.chain, ...Object.values(controls.nodes).flat()]
  const same = ({ act, input }: Control) => act === wanted.act && JSON.stringify(input) === JSON.stringify(wanted.input)
  const found = all.find(same)
  return found && !found.disabled ? renderControl(found) : undefined
}

/** The faults of simulated nodes, folded, with each node's present faults; nothing beside real ones. */
export function renderRehearsal(snapshot: Snapshot, acts: Acts, faults: FaultStates = {}): Markup | undefined {
  if (!acts.fault) return undefined
  const { nodes } = snapshot.view
  const rows = nodes.map(
    ({ name }) => html`<tr data-key="${name}"><th scope="row">${renderNode(name, nodes)}</th>
<td class="faults" data-label="Now">${renderFaultState(faults[name])}</td><td data-label="Faults">${faultButtons(name)}</td></tr>`,
  )
  const broken = Object.entries(faults).filter(([, states]) => states.length > 0)
  const now = broken.map(([name, states]) => `${name}: ${states.join(', ')}`).join('; ')
  return html`<section class="rehearsal" data-key="rehearsal"><details data-key="faults"><summary>Rehearse a fault <small>${now === '' ? 'simulated nodes only' : html`<b class="bad">${now}</b>`}</small></summary>
<div class="wide" role="region" aria-label="Faults" tabindex="0"><table><thead><tr><th scope="col">Node</th><th scope="col">Now</th><th scope="col">Faults</th></tr></thead><tbody>${rows}</tbody></table></div></details></section>`
}

const renderControl = ({ act, ...shown }: Control): Markup =>
  renderButton({ verb: act, ...shown, asksWhy: act === 'quarantine' })

function faultButtons(node: string): readonly Markup[] {
  return Object.entries(faultKinds).map(([kind, { label, title }]) =>
    renderButton({ verb: 'fault', label, title, ask: `${title}. Node: ${node}.`, input: { node, kind } }),
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
  /** It asks for a reason, which the history keeps. */
  readonly asksWhy?: boolean
}

function renderButton({ verb, label, title, ask, input, disabled = false, asksWhy = false }: Button): Markup {
  return html`<button type="button" data-verb="${verb}" data-input="${JSON.stringify(input)}" data-ask="${ask}"${asksWhy && html` data-why="yes"`}${title !== undefined && html` title="${title}"`}${disabled && html` disabled`}>${label}</button> `
}
