import type { Snapshot } from '../../context/inspect.ts'
import { html, type Markup } from '../../page/html.ts'
import { renderBanner } from '../../page/render-banner.ts'
import { renderNodes } from '../../page/render-nodes.ts'
import { renderDecision, renderHistory } from '../../page/render-state.ts'
import { style } from '../../page/style.ts'

/**
 * The page of a chain for the console: `renderState` without the list and lanes of recent commits, which need a process
 * that saw each commit; the dashboard graphs them instead. The buttons stay outside the part that resets the console's
 * styles, because they use them.
 */
export function renderPage(
  snapshot: Snapshot,
  { theme, controls }: { readonly theme: string | undefined; readonly controls: Markup | undefined },
): string {
  const known = theme === 'dark' || theme === 'light' ? theme : undefined
  return html`<div class="baton cwdb-no-default-styles"${known !== undefined && html` data-theme="${known}"`}>
<style>${style}</style>
${renderBanner(snapshot, snapshot.view.now)}
${renderNodes(snapshot)}
<div class="columns"><div>${renderDecision(snapshot)}</div>${renderHistory(snapshot)}</div>
</div>
${controls}`.text
}
