import type { Snapshot } from '../context/inspect.ts'
import { explain } from '../text/explain.ts'
import { formatReason } from '../text/format.ts'
import { gatherNodes } from '../text/nodes.ts'
import { formatSummary, summarize } from '../text/summary.ts'
import type { Paint } from './paint.ts'

/** What Baton would do now, the verdict on each node, and why not something else. */
export function renderExplanation(snapshot: Snapshot, paint: Paint): string {
  const { acts, because, next, whyNot } = explain(snapshot)
  const { view, decision } = snapshot
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${line}`)
  const verdicts = gatherNodes(snapshot).map(({ name, role, eligible, reasons }) => {
    const word = eligible ? paint('good', 'could take over') : paint('warn', 'could not take over')
    return `${name}: ${role}, ${name === view.head?.leader ? 'holds the term' : word}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}`
  })
  return [
    formatSummary(summarize(snapshot), view.now),
    ...section(
      'What Baton would do now',
      acts.length === 0
        ? ['nothing']
        : acts.map(({ act, because }) => `${act}${because.length > 0 ? `: ${because.join('; ')}` : ''}`),
    ),
    ...section('Because', because),
    ...section(
      'Needs a person',
      decision.page.map((reason) => paint('bad', formatReason(reason))),
    ),
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
