import { formatSpan } from '../text/format.ts'
import { html, type Markup } from './html.ts'
import type { Run } from './procedures.ts'
import { renderTime } from './render-parts.ts'

/** Number of reported lines to show; the rest is a click away. */
const SHOWN = 6

const marks = { done: '✓', 'under way': '▸', left: '·' } as const
const tones = { done: 'is-ok', stopped: 'is-degraded', refused: 'is-degraded', failed: 'is-halted' } as const

/** The running procedure, or the result of the last one; `now` in Unix ms. */
export function renderRun(run: Run, now: number): Markup {
  const { title, by, startedAt, steps, lines, progress, stopping, ended } = run
  const chip = ended ? ended.how.toUpperCase() : stopping ? 'STOPPING' : 'RUNNING'
  const when = ended
    ? html`${renderTime(ended.at, now)}, after ${formatSpan(ended.at - startedAt)}`
    : html`for ${formatSpan(now - startedAt)}`
  const earlier = lines.slice(0, -SHOWN)
  return html`<section class="run banner ${ended ? tones[ended.how] : 'is-moving'}" data-key="run">
<h2><span class="chip">${chip}</span> ${title} <small>by ${by}, ${when}</small> ${renderButton(run)}</h2>
${steps.length > 0 && html`<ol class="steps">${steps.map(({ label, state }) => html`<li class="${state.replace(' ', '-')}"><span>${ended && state === 'under way' ? '✗' : marks[state]}</span> ${label}</li>`)}</ol>`}
${earlier.length > 0 && html`<details data-key="earlier"><summary><small>${earlier.length} lines before</small></summary><pre>${earlier.join('\n')}</pre></details>`}
${steps.length === 0 && lines.length > 0 && html`<pre>${lines.slice(-SHOWN).join('\n')}</pre>`}
${progress !== undefined && !ended && html`<p>${progress}</p>`}
${ended && html`<p class="outcome">${ended.words}</p>`}
</section>`
}

function renderButton({ ended, stopping }: Run): Markup | undefined {
  if (ended) return html`<button type="button" data-verb="dismiss" data-input="{}">Dismiss</button>`
  if (stopping) return undefined
  const ask = 'Stop after the current step? Completed steps stay done, and you can resume later.'
  return html`<button type="button" data-verb="stop" data-input="{}" data-ask="${ask}">Stop</button>`
}
