import type { Snapshot } from '../../context/inspect.ts'
import type { ListedCommits } from '../../context/list-commits.ts'
import { html, type Markup } from '../../page/html.ts'
import { renderBanner, renderDetails } from '../../page/render-banner.ts'
import { renderLanes } from '../../page/render-lanes.ts'
import { renderNodes } from '../../page/render-nodes.ts'
import { renderBlocks, renderDecision, renderHistory } from '../../page/render-state.ts'
import { storyOfHistory } from '../../page/story/from-history.ts'
import { renderStory } from '../../page/story/render-story.ts'
import { style } from '../../page/style.ts'
import { renderUnderWay } from './render-under-way.ts'

/** Number of records listed; the timeline is drawn from all that were read. */
const RECORDS = 30

const noCommits = html`<section class="lanes"><h2>Commits</h2><p class="quiet">The archive does not list them now.</p></section>`

type Page = {
  readonly theme: string | undefined
  readonly controls: Markup | undefined
  /** As the archive lists them; absent = it lists none. */
  readonly commits?: ListedCommits | undefined
}

/**
 * The page of a chain for the console, of the parts of `renderState`. No process saw each commit: they are those the
 * archive lists, and timeline and moves those of the history. The buttons stay outside the part that resets the
 * console's styles, because they use them.
 */
export function renderPage(looked: Snapshot, { theme, controls, commits }: Page): string {
  const snapshot = { ...looked, blocks: commits?.newest ?? [] }
  const known = theme === 'dark' || theme === 'light' ? theme : undefined
  return html`<div class="baton cwdb-no-default-styles"${known !== undefined && html` data-theme="${known}"`}>
<style>${style}</style>
${renderBanner(snapshot, snapshot.view.now)}
${renderUnderWay(snapshot)}
${renderNodes(snapshot)}
${commits ? renderLanes(snapshot) : noCommits}
${renderStory(storyOfHistory(snapshot, commits))}
<div class="columns"><div>${renderDecision(snapshot)}${renderDetails(snapshot)}${commits && renderBlocks(snapshot)}</div>${renderHistory({ ...snapshot, history: snapshot.history.slice(0, RECORDS) })}</div>
</div>
${controls}`.text
}
