import { disasterActs, disasterKinds } from '../operations/disaster/acts.ts'
import { type Fields, isFlag, isRequired } from '../operations/engine/document.ts'
import { upgradeFields } from '../operations/upgrade/document.ts'
import { type Content, html, type Markup } from './html.ts'
import { isConfirmed, type ProcedureName, type Procedures } from './procedures.ts'

type Node = { readonly name: string }

/** The form of a procedure: what it does, and the fields to fill in. */
type Form = {
  readonly name: ProcedureName
  readonly label: string
  readonly does: string
  /** The label of the dialog's button. */
  readonly begin: string
  readonly fields: Content
}

/** Every procedure, folded; each shows its plan before it begins. */
export function renderProcedures(nodes: readonly Node[], { unavailable }: Procedures): Markup {
  const form = (each: Form) => renderForm(each, unavailable[each.name])
  return html`<div class="procedures"><h3>Procedures: each first shows its plan and its checks</h3>
<details data-key="upgrade"><summary>Rolling upgrade <small>every node, one at a time, the leader last</small></summary>${form(upgrade)}</details>
<details data-key="repair"><summary>Repair a node <small>after a crash, or because it lacks committed blocks</small></summary>${repairs(nodes).map(form)}</details>
<details data-key="disaster" class="danger"><summary>Disaster <small>head lost or wrong, store or gate gone, leaving Baton</small></summary>
<p>For when Baton cannot continue alone. The plan shows what each node still has, and a vote; to start, type the hash of the block. docs/runbooks.md, “Disaster recovery”.</p>
${disasters(nodes).map(form)}</details>
<details data-key="resequence"><summary>Re-sequence a cdk-erigon chain <small>in a terminal</small></summary>
<p>This takes hours and needs a transaction from you on the way, so start it in a terminal: <code>baton resequence --config FILE --batch N</code> prints the plan. See docs/resequence.md.</p></details></div>`
}

const upgrade: Form = {
  name: 'upgrade',
  label: 'Rolling upgrade',
  does: 'Standbys first: quarantine the node, run the step on its machine, wait until it is eligible, release it. Then move sequencing and upgrade the old leader. Stops at the first node that does not recover; the chain keeps running.',
  begin: 'Start the upgrade',
  fields: blanksOf(upgradeFields),
}

function repairs(nodes: readonly Node[]): readonly Form[] {
  return [
    {
      name: 'recover',
      label: 'Recover',
      does: 'Identifies the damage, quarantines the node, tries the remedies from harmless to drastic, and releases the node once it is proved to work.',
      begin: 'Start the recovery',
      fields: choose('node', 'Node', nodes),
    },
    {
      name: 'backfill',
      label: 'Backfill',
      does: 'Gives the node the committed blocks it lacks, oldest first. Checks each before and after.',
      begin: 'Start the backfill',
      fields: [
        choose('node', 'Node', nodes),
        input('from', 'From block', { placeholder: 'automatic', narrow: true }),
        input('to', 'To block', { placeholder: 'the head', narrow: true }),
      ],
    },
  ]
}

const disasters = (nodes: readonly Node[]): readonly Form[] =>
  disasterKinds.map((name) => {
    const { label, does, begin, node, ...more } = disasterActs[name]
    const insist = 'againstVote' in more && check('againstVote', more.againstVote)
    return { name, label, does, begin, fields: [node && choose('node', 'Node', nodes), insist] }
  })

function renderForm({ name, label, does, begin, fields }: Form, unavailable: string | undefined): Markup {
  const heading = name !== 'upgrade' && html`<b>${label}</b>`
  if (unavailable !== undefined)
    return html`<div class="form">${heading}<p>${does}</p><p class="quiet">Not available: ${unavailable}.</p></div>`
  return html`<form class="form" data-procedure="${name}" data-begin="${begin}" data-title="${label}"${isConfirmed(name) && html` data-confirm="hash"`}>
${heading}<p>${does}</p><p class="fields">${fields}<button type="submit">Show the plan…</button></p></form>`
}

/** The fields of a document as form fields. */
function blanksOf(fields: Fields): Content {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (name === 'chain' || name === 'dryRun') return []
    const { label, ...more } = field.page ?? { label: name }
    return [isFlag(field) ? check(name, label) : input(name, label, { ...more, required: isRequired(field) })]
  })
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
