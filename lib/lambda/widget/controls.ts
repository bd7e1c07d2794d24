import type { Snapshot } from '../../context/snapshot.ts'
import { html, Markup } from '../../page/html.ts'

/** A button: the act it asks for, and what the reader is asked before. */
type Button = { readonly label: string; readonly ask: string; readonly input: Readonly<Record<string, unknown>> }

/**
 * The buttons of the page in CloudWatch's own markup: each calls the act function after the reader
 * confirmed, and carries the term it was drawn in, since a confirmation may come late.
 */
export function renderWidgetControls({ chain, view }: Snapshot, actFunctionArn: string): Markup | undefined {
  const { nodes, head, lease } = view
  if (!lease || !head) return undefined
  const leader = head.leader || 'nobody'
  const modes: readonly (Button | undefined)[] = [
    lease.mode === 'paused'
      ? undefined
      : button('Pause Baton', 'Pause Baton? It will move nothing, whatever breaks, until somebody resumes it.', {
          act: 'pause',
        }),
    lease.mode === 'auto'
      ? undefined
      : button('Resume Baton', 'Resume Baton? It will act by itself again, at once if something is wrong.', {
          act: 'resume',
        }),
    lease.mode === 'hold'
      ? undefined
      : button(
          `Hold on ${leader}`,
          `Hold sequencing on ${leader}? It is never moved to another node until somebody resumes.`,
          { act: 'hold' },
        ),
    lease.switchover
      ? button('Withdraw the switchover', `Withdraw the switchover asked for by ${lease.switchover.by}?`, {
          act: 'withdraw',
        })
      : button('Switch over', 'Move sequencing to the best standby at the next block boundary?', { act: 'switchover' }),
  ]
  const moves = nodes
    .filter(({ name }) => name !== head.leader && !lease.switchover)
    .map(({ name }) =>
      button(`Switch over to ${name}`, `Move sequencing from ${leader} to ${name} at the next block boundary?`, {
        act: 'switchover',
        to: name,
      }),
    )
  const shown = [...modes, ...moves].flatMap((one) => (one ? [renderButton(one, actFunctionArn)] : []))
  return html`<section class="controls"><h2>Act</h2>
<form><p><label>Your name, for the history: <input name="by" maxlength="100"></label></p></form>
<p>${shown}</p></section>`

  function button(label: string, ask: string, act: Readonly<Record<string, unknown>>): Button {
    return { label, ask, input: { ...act, chain: chain.id, expectedTerm: lease?.term } }
  }
}

function renderButton({ label, ask, input }: Button, arn: string): Markup {
  const json = new Markup(JSON.stringify(input).replaceAll('<', '\\u003c'))
  return html`<a class="btn">${label}</a><cwdb-action action="call" display="popup" confirmation="${ask}" endpoint="${arn}">${json}</cwdb-action> `
}
