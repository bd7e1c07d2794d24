import type { Snapshot } from '../context/inspect.ts'
import { html, type Markup } from './html.ts'
import { refresh } from './refresh.ts'
import { renderBanner } from './render-banner.ts'
import { renderBlocks } from './render-blocks.ts'
import { renderDecision } from './render-decision.ts'
import { renderHistory } from './render-history.ts'
import { renderLanes } from './render-lanes.ts'
import { renderNodes } from './render-nodes.ts'
import { style } from './style.ts'

export type RenderOptions = {
  /** Colours to use; by default those the reader's system asks for. */
  readonly theme?: 'light' | 'dark'
  /** When it is shown (Unix ms), to tell old news from new; by default the time of the look. */
  readonly at?: number
  /** What stands below nodes and commits: the buttons of whoever shows it. */
  readonly controls?: Markup | undefined
  /** What stands below the banner: a procedure that somebody began. */
  readonly running?: Markup | undefined
}

/**
 * Renders everything a screen shows as one HTML fragment. It holds style and SVG, but neither
 * scripts nor anything fetched from elsewhere, so that it also works where those are stripped.
 */
export function renderState(
  looked: Snapshot,
  { theme, at = looked.view.now, controls, running }: RenderOptions = {},
): string {
  const snapshot = refresh(looked, at)
  return html`<div class="baton cwdb-no-default-styles"${theme && html` data-theme="${theme}"`}>
<style>${style}</style>
${renderBanner(snapshot, looked.view.now)}
${running}
${renderNodes(snapshot)}
${renderLanes(snapshot)}
${controls}
<div class="columns"><div>${renderDecision(snapshot)}${renderBlocks(snapshot)}</div>${renderHistory(snapshot)}</div>
</div>`.text
}
