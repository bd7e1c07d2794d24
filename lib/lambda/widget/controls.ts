import type { Snapshot } from '../../context/inspect.ts'
import { type Control, controlsOf } from '../../operator/controls.ts'
import { html, Markup } from '../../page/html.ts'
import { needsApproval } from '../approvals.ts'

/**
 * The buttons of the page in CloudWatch's markup. Each calls the act function after the reader confirms. It carries the
 * term it was rendered in, since a confirmation may come late. With `approvals`, the prefix of the documents that ask
 * for one, the buttons that would be refused give way to the name of the document.
 */
export function renderWidgetControls(
  { chain, view }: Snapshot,
  actFunctionArn: string,
  approvals?: string,
): Markup | undefined {
  const controls = controlsOf(view)
  const all = [...controls.chain, ...view.nodes.flatMap(({ name }) => controls.nodes[name] ?? [])]
  const shown = all
    .filter(({ disabled, act }) => !disabled && !(approvals !== undefined && needsApproval({ act })))
    .map((each) => renderControl(each, { chain: chain.id, expectedTerm: view.lease?.term }, actFunctionArn))
  return html`<section class="controls"><h2>Act</h2>
<form><p><label>Your name, for the history: <input name="by" maxlength="100"></label></p></form>
<p>${shown}</p>
${approvals !== undefined && html`<p>Moves need an approval: start <b>${approvals}-Switchover</b> in Systems Manager, Automation.</p>`}</section>`
}

function renderControl({ act, label, ask, input }: Control, about: object, arn: string): Markup {
  const json = new Markup(JSON.stringify({ act, ...input, ...about }).replaceAll('<', '\\u003c'))
  return html`<a class="btn">${label}</a><cwdb-action action="call" display="popup" confirmation="${ask}" endpoint="${arn}">${json}</cwdb-action> `
}
