import type { Snapshot } from '../../context/inspect.ts'
import { html, type Markup } from '../../page/html.ts'
import { renderBanner, renderDetails } from '../../page/render-banner.ts'
import { renderNodes } from '../../page/render-nodes.ts'
import { renderDecision, renderHistory } from '../../page/render-state.ts'
import { storyOfHistory } from '../../page/story/from-history.ts'
import { renderStory } from '../../page/story/render-story.ts'
import { style } from '../../page/style.ts'
import { renderUnderWay } from './render-under-way.ts'

/** Number of records listed; the timeline is drawn from all that were read. */
const RECORDS = 30

/**
 * The page of a chain for the console: `renderState` without the list and lanes of recent commits, which need a process
 * that saw each commit; the dashboard graphs them instead. Its timeline and moves are those of the history. The buttons stay outside the part that resets the console's
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
${renderUnderWay(snapshot)}
${renderNodes(snapshot)}
${renderStory(storyOfHistory(snapshot))}
<div class="columns"><div>${renderDecision(snapshot)}${renderDetails(snapshot)}</div>${renderHistory({ ...snapshot, history: snapshot.history.slice(0, RECORDS) })}</div>
</div>
${controls}`.text
}
