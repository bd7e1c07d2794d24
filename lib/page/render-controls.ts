import type { Snapshot } from '../context/snapshot.ts'
import type { Lease } from '../protocol/records.ts'
import { formatUtc } from '../text/time.ts'
import { type Acts, type FaultStates, faultKinds, type Verb } from './acts.ts'
import { type Content, html, type Markup } from './html.ts'
import { renderNode } from './render-parts.ts'
import { renderProcedures } from './render-procedures.ts'

/** What a button sends, and what the reader is asked before. */
type Button = {
  readonly verb: Exclude<Verb, 'stop' | 'dismiss'>
  readonly label: string
  readonly title?: string
  readonly ask: string
  readonly input?: Readonly<Record<string, string>>
  readonly disabled?: boolean
}

/**
 * Renders the buttons for the acts that are offered; nothing at all when none is. Faults are offered
 * for simulated nodes only, and what each node suffers from now stands beside them.
 */
export function renderControls(snapshot: Snapshot, acts: Acts, faults: FaultStates = {}): Markup | undefined {
  const { nodes, head, lease } = snapshot.view
  const mode = lease?.mode
  const leader = head?.leader || 'the leader'
  const chain: readonly Button[] = [
    {
      verb: 'pause',
      label: 'Pause Baton',
      ask: 'Pause Baton? It will observe and move nothing, whatever breaks, until somebody resumes it.',
      disabled: mode === undefined || mode === 'paused',
    },
    {
      verb: 'resume',
      label: 'Resume Baton',
      ask: 'Resume Baton? It will act by itself again, at once if something is wrong.',
      disabled: mode === undefined || mode === 'auto',
    },
    {
      verb: 'hold',
      label: `Hold on ${leader}`,
      ask: `Hold sequencing on ${leader}? Baton restarts it if it stops, but never moves to another node.`,
      disabled: mode === undefined || mode === 'hold',
    },
    {
      verb: 'switchover',
      label: 'Switch over',
      ask: 'Move sequencing to the best standby at the next block boundary?',
    },
  ]
  const offered = chain.filter(({ verb }) => acts[verb])
  if (offered.length === 0 && !acts.fault) return undefined
  const rows = nodes.map(
    ({ name }) => html`<tr data-key="${name}"><th scope="row">${renderNode(name, nodes)}</th>
<td>${acts.switchover && renderButton(switchTo(name, head?.leader))}${acts.quarantine && renderButton(eligibility(name, lease?.quarantine))}</td>
${acts.fault && html`<td class="faults">${renderFaultState(faults[name])}</td><td>${faultButtons(name).map(renderButton)}</td>`}</tr>`,
  )
  return html`<section class="controls" data-key="controls"><h2>Act</h2>
<p>${offered.map(renderButton)}</p>
<div class="wide"><table><thead><tr><th>Node</th><th>Sequencing</th>${acts.fault && html`<th>Faults now</th><th>Rehearse a fault (simulated nodes)</th>`}</tr></thead><tbody>${rows}</tbody></table></div>
${acts.procedures && renderProcedures(nodes, acts.procedures)}</section>`
}

function switchTo(name: string, leader: string | undefined): Button {
  const ask = `Move sequencing from ${leader || 'nobody'} to ${name} at the next block boundary?`
  return { verb: 'switchover', label: 'Switch over to it', ask, input: { to: name }, disabled: name === leader }
}

function eligibility(node: string, quarantine: Lease['quarantine'] | undefined): Button {
  const entry = quarantine?.[node]
  const input = { node }
  if (!entry)
    return {
      verb: 'quarantine',
      label: 'Take out',
      ask: `Take ${node} out of eligibility? Baton moves nothing to it until somebody puts it back.`,
      input,
      disabled: quarantine === undefined,
    }
  const ask = `Put ${node} back? It is out since ${formatUtc(entry.since)}, by ${entry.by}: ${entry.why}.`
  return { verb: 'release', label: 'Put back', ask, input }
}

function faultButtons(node: string): readonly Button[] {
  return Object.entries(faultKinds).map(([kind, { label, title }]) => {
    return { verb: 'fault', label, title, ask: `${label} on ${node}? ${title}.`, input: { node, kind } }
  })
}

function renderFaultState(states: readonly string[] = []): Content {
  return states.length === 0 ? html`<span class="quiet">none</span>` : html`<b class="bad">${states.join(', ')}</b>`
}

function renderButton({ verb, label, title, ask, input = {}, disabled = false }: Button): Markup {
  return html`<button type="button" data-verb="${verb}" data-input="${JSON.stringify(input)}" data-ask="${ask}"${title !== undefined && html` title="${title}"`}${disabled && html` disabled`}>${label}</button> `
}
