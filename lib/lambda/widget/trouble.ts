import type { BatonError } from '../../errors.ts'
import { html } from '../../page/html.ts'

/** Renders an error in place of the page. */
export function renderTrouble({ message, remedy }: BatonError): string {
  return html`<div><h2>Baton cannot show this chain</h2><p>${message}.</p><p>${remedy}</p></div>`.text
}
