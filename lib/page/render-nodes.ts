import type { Snapshot } from '../context/inspect.ts'
import type { BlockId } from '../protocol/block.ts'
import { formatSpan } from '../text/format.ts'
import { type Fork, gatherNodes, type NodeRow } from '../text/nodes.ts'
import { type Standing, standingOf } from '../text/standing.ts'
import { type Content, html, type Markup } from './html.ts'
import { colourOf, orUnknown, renderBlock } from './render-parts.ts'

/** An L1 view older than this is marked. */
const L1_OLD_MS = 60_000

const columns = [
  ['Node', 'name and zone'],
  ['Role', 'what the node is to Baton right now'],
  ['Sequencing', 'admin_sequencerActive: whether its sequencer runs'],
  ['Term', 'epoch of the leader'],
  ['Unsafe', 'newest block of the consensus client'],
  ['Execution', 'newest block of the execution client'],
  ['Lag', 'blocks behind the committed head'],
  ['Safe', 'newest block derived from L1'],
  ['Finalized', 'newest block whose L1 data is final'],
  ['L1 age', 'age of the newest L1 block it knows; behind it, how far derivation is back'],
  ['Peers', 'peers of the consensus client'],
  ['Prio', 'higher is preferred'],
  ['Could it take over?', 'eligibility, and what speaks for or against it'],
] as const

/** The table of nodes: where each one is, and whether sequencing could move there. A card for each on a phone. */
export function renderNodes(snapshot: Snapshot): Markup {
  const { nodes, policy } = snapshot.view
  return html`<section class="nodes" aria-labelledby="nodes"><h2 id="nodes">Nodes</h2><div class="wide" role="region" aria-labelledby="nodes" tabindex="0"><table>
<thead><tr>${columns.map(([name, title]) => html`<th scope="col" title="${title}">${name}</th>`)}</tr></thead>
<tbody>${gatherNodes(snapshot).map((row) => renderRow(row, colourOf(row.name, nodes), policy.maxSwitchoverLag))}</tbody>
</table></div></section>`
}

function renderRow(row: NodeRow, colour: string, usualLag: bigint): Markup {
  const standing = standingOf(row)
  return html`<tr data-key="${row.name}" class="role-${row.role} tone-${standing.tone}">
<th scope="row"><span class="node ${colour}">${row.name}</span> <small>${row.zone}</small></th>
<td class="n" data-label="Role"><span class="role">${row.role === 'leading' && '★ '}${standing.words}</span></td>
<td data-label="Sequencing">${renderSequencing(row)}</td>
<td class="n" data-label="Term">${row.term ?? ''}</td>
<td class="n" data-label="Unsafe">${renderPlace(row.consensusFailure, row.unsafe, row.fork)}</td>
<td class="n" data-label="Execution">${renderPlace(row.executionFailure, row.latest, row.fork)}</td>
<td class="n${row.lag !== undefined && row.lag > usualLag && ' behind'}" data-label="Lag">${orUnknown(row.lag)}</td>
<td class="n" data-label="Safe">${orUnknown(row.safe)}</td>
<td class="n" data-label="Finalized">${orUnknown(row.finalized)}</td>
<td class="n" data-label="L1 age">${renderL1(row)}</td>
<td class="n" data-label="Peers">${orUnknown(row.peers)}</td>
<td class="n" data-label="Prio">${row.noFailover ? 'never' : row.priority}</td>
<td class="verdict" data-label="Could it take over?">${renderVerdict(row, standing)}</td>
</tr>`
}

function renderSequencing({ sequencing, role }: NodeRow): Content {
  if (sequencing === undefined) return orUnknown(undefined)
  if (!sequencing) return html`<span class="quiet">no</span>`
  return role === 'fenced' ? html`<b class="bad" title="its commits are refused">yes, fenced</b>` : html`<b>yes</b>`
}

/** A client's position: its newest block, marked when the chain has another one there, or how the client fails. */
function renderPlace(failure: string | undefined, block: BlockId | undefined, fork: Fork | undefined): Content {
  if (failure !== undefined) return html`<span class="bad">${failure}</span>`
  if (!fork) return renderBlock(block)
  const title = `block ${fork.number} here: ${fork.hash}; committed: ${fork.committed}`
  const below = block?.hash !== fork.hash && html` <small>forked at ${fork.number}</small>`
  return html`<span class="fork" title="${title}">⚠ ${renderBlock(block)}${below}</span>`
}

function renderL1({ l1AgeMs, l1Behind }: NodeRow): Content {
  if (l1AgeMs === undefined) return orUnknown(undefined)
  const age = l1AgeMs > L1_OLD_MS ? html`<b class="bad">${formatSpan(l1AgeMs)}</b>` : formatSpan(l1AgeMs)
  return html`${age}${l1Behind !== undefined && l1Behind > 0n && html` <small>−${l1Behind}</small>`}`
}

function renderVerdict({ role, term, eligible, reasons }: NodeRow, { tone }: Standing): Markup {
  if (role === 'outside') return html`it sequences now, without Baton: “adopt” takes the chain over from it`
  const holds = term !== undefined
  const word = holds ? 'holds the term' : eligible ? 'yes' : 'no'
  const sentences = reasons.join('; ')
  const good = holds ? tone === 'good' && eligible : eligible
  return html`<b class="${good ? 'good' : !holds && 'bad'}">${word}</b>${sentences !== '' && html`: ${sentences}`}`
}
