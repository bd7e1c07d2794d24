import { type Content, html, type Markup } from './html.ts'
import { isConfirmed, type ProcedureName, type Procedures } from './procedures.ts'

type Node = { readonly name: string }

/** A procedure as it stands on the page: what it does, and what the reader fills in. */
type Form = {
  readonly name: ProcedureName
  readonly label: string
  readonly does: string
  /** What the dialog's button says. */
  readonly begin: string
  readonly fields: Content
}

/** Every procedure, folded away; each shows its plan before anything is begun. */
export function renderProcedures(nodes: readonly Node[], { unavailable }: Procedures): Markup {
  const form = (each: Form) => renderForm(each, unavailable[each.name])
  return html`<div class="procedures"><h3>Procedures: each shows first what it would do and check</h3>
<details data-key="upgrade"><summary>Rolling upgrade <small>every node, one at a time, the leader last</small></summary>${form(upgrade)}</details>
<details data-key="repair"><summary>Repair a node <small>after a crash, or because it lacks committed blocks</small></summary>${repairs(nodes).map(form)}</details>
<details data-key="disaster" class="danger"><summary>Disaster <small>head lost or wrong, store or gate gone, leaving Baton</small></summary>
<p>What is done when nothing goes by itself any more. The plan shows what is left of the chain, with a vote; to begin, type the hash of the block. docs/runbooks.md, “Disaster recovery”.</p>
${disasters(nodes).map(form)}</details>
<details data-key="resequence"><summary>Re-sequence a cdk-erigon chain <small>in a terminal</small></summary>
<p>It stands still for hours and asks for a transaction on the way, so it is begun where somebody stays: <code>baton resequence --config FILE --batch N</code> tells the plan. docs/resequence.md has the whole of it.</p></details></div>`
}

const upgrade: Form = {
  name: 'upgrade',
  label: 'Rolling upgrade',
  does: 'Standbys first: out of eligibility, the step on its machine, fit again, back. Then sequencing moves, then the old leader. Stops at the first node that does not come back; the chain goes on.',
  begin: 'Start the upgrade',
  fields: [
    input('to', 'Version', { required: true, placeholder: 'v1.16.11' }),
    input('expect', 'Must then say', { placeholder: 'not checked' }),
    input('within', 'Fit within (s)', { placeholder: '600', narrow: true }),
    input('bake', 'New leader must last (s)', { placeholder: '30', narrow: true }),
    check('resume', 'go on with one that stopped'),
    check('alone', 'although nobody could take over meanwhile'),
  ],
}

function repairs(nodes: readonly Node[]): readonly Form[] {
  return [
    {
      name: 'recover',
      label: 'Recover',
      does: 'Names the damage, takes the node out, tries what helps against it from harmless to drastic, and puts it back when it is proved to work.',
      begin: 'Start the recovery',
      fields: choose('node', 'Node', nodes),
    },
    {
      name: 'backfill',
      label: 'Backfill',
      does: 'Gives the node the committed blocks it lacks, oldest first, each checked before and looked at after.',
      begin: 'Start the backfill',
      fields: [
        choose('node', 'Node', nodes),
        input('from', 'From block', { placeholder: 'by itself', narrow: true }),
        input('to', 'To block', { placeholder: 'the head', narrow: true }),
      ],
    },
  ]
}

function disasters(nodes: readonly Node[]): readonly Form[] {
  const insist = check('againstVote', 'although the votes are for another block')
  return [
    {
      name: 're-seed',
      label: 'Name the head',
      does: 'Makes a block the head under a new term, where the head was lost or is wrong. Baton grants from there.',
      begin: 'Make it the head',
      fields: insist,
    },
    {
      name: 'cold-start',
      label: 'Cold start',
      does: 'The same, and the named node goes on from there, fit or not.',
      begin: 'Start from it',
      fields: [choose('node', 'Node', nodes), insist],
    },
    {
      name: 'override',
      label: 'Override',
      does: 'Pauses Baton and lets one node publish without commits, while gate or store are away for long.',
      begin: 'Let it publish alone',
      fields: [choose('node', 'Node', nodes), check('againstVote', 'although others have gone on without it')],
    },
    {
      name: 'return',
      label: 'Return from the override',
      does: 'Stops that node, proves that its blocks descend from the committed head, adopts them, and lets Baton grant.',
      begin: 'Adopt its blocks',
      fields: choose('node', 'Node', nodes),
    },
    {
      name: 'to-op-conductor',
      label: 'Hand over to op-conductor',
      does: 'Ends Baton’s part: pauses it, stops the leader at a block boundary, and names the block to start from.',
      begin: 'Hand over',
      fields: undefined,
    },
  ]
}

function renderForm({ name, label, does, begin, fields }: Form, unavailable: string | undefined): Markup {
  const heading = name !== 'upgrade' && html`<b>${label}</b>`
  if (unavailable !== undefined)
    return html`<div class="form">${heading}<p>${does}</p><p class="quiet">Not available: ${unavailable}.</p></div>`
  return html`<form class="form" data-procedure="${name}" data-begin="${begin}" data-title="${label}"${isConfirmed(name) && html` data-confirm="hash"`}>
${heading}<p>${does}</p><p class="fields">${fields}<button type="submit">Show the plan…</button></p></form>`
}

function input(
  name: string,
  label: string,
  {
    required = false,
    placeholder = '',
    narrow = false,
  }: { required?: boolean; placeholder?: string; narrow?: boolean },
): Markup {
  return html`<label>${label} <input name="${name}" autocomplete="off" spellcheck="false" maxlength="200" placeholder="${placeholder}"${narrow && html` class="narrow"`}${required && html` required`}></label> `
}

function check(name: string, label: string): Markup {
  return html`<label><input type="checkbox" name="${name}"> ${label}</label> `
}

function choose(name: string, label: string, nodes: readonly Node[]): Markup {
  return html`<label>${label} <select name="${name}">${nodes.map((node) => html`<option>${node.name}</option>`)}</select></label> `
}
