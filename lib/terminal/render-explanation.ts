import type { Snapshot } from '../context/inspect.ts'
import { doThis, formatDoThis } from '../text/do-this.ts'
import { explain } from '../text/explain.ts'
import { formatReason } from '../text/format.ts'
import { gatherNodes } from '../text/nodes.ts'
import { formatSummary, summarize } from '../text/summary.ts'
import type { Paint } from './paint.ts'
import { wrap } from './wrap.ts'

/** What Baton would do now, the verdict on each node, and why not something else. */
export function renderExplanation(snapshot: Snapshot, paint: Paint, width = Number.POSITIVE_INFINITY): string {
  const { acts, because, idle, next, whyNot } = explain(snapshot)
  const { view, decision } = snapshot
  const list = (lines: readonly string[]) => lines.map((line) => wrap(`  - ${line}`, width, '    '))
  const verdicts = gatherNodes(snapshot).map(({ name, role, eligible, reasons }) => {
    const word = eligible ? paint('good', 'could take over') : paint('warn', 'could not take over')
    return `${name}: ${role}, ${name === view.head?.leader ? 'holds the term' : word}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`
  })
  return [
    wrap(formatSummary(summarize(snapshot), view.now), width),
    ...section(
      'What Baton would do now',
      acts.length === 0
        ? [idle]
        : acts.map(({ act, because }) => `${act}${because.length > 0 ? `: ${because.join('; ')}` : ''}`),
    ),
    ...section('Because', because),
    ...section(
      'Needs a person',
      decision.page.map((reason) => paint('bad', formatReason(reason))),
    ),
    ...section('Do this', doThis(snapshot).map(formatDoThis)),
    ...section('Nodes', verdicts),
    ...section('Why not something else', [
      next === undefined ? paint('bad', 'no node could take over now') : `${next} would be next`,
      ...whyNot,
    ]),
  ].join('\n')

  function section(title: string, lines: readonly string[]): readonly string[] {
    return lines.length === 0 ? [] : ['', paint('bold', title), ...list(lines)]
  }
}
