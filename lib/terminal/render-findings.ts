import { printable } from '../protocol/printable.ts'
import type { Paint, Tone } from './paint.ts'
import { renderWrapped } from './render-table.ts'

/** One result of `baton doctor`. */
type Shown = {
  readonly check: string
  readonly node?: string
  readonly verdict: 'ok' | 'warn' | 'bad' | 'skipped'
  readonly text: string
  readonly todo?: string
}

const tones: Readonly<Record<Shown['verdict'], Tone>> = { ok: 'good', warn: 'warn', bad: 'bad', skipped: 'quiet' }

/** The findings as a table, what is wrong first; what is in order only with `all`. */
export function renderFindings(
  findings: readonly Shown[],
  { all, paint, width = Number.POSITIVE_INFINITY }: { all: boolean; paint: Paint; width?: number | undefined },
): string {
  const rank = { bad: 0, warn: 1, skipped: 2, ok: 3 } as const
  const shown = findings
    .filter(({ verdict }) => all || verdict === 'bad' || verdict === 'warn')
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict])
  const rows = shown.map(({ check, node = 'fleet', verdict, text, todo }) => [
    paint(tones[verdict], verdict),
    printable(node),
    check,
    `${printable(text)}${todo === undefined ? '' : `. ${printable(todo)}.`}`,
  ])
  const count = (verdict: Shown['verdict']) => findings.filter((each) => each.verdict === verdict).length
  const total = `${count('bad')} bad, ${count('warn')} to look at, ${count('ok')} in order, ${count('skipped')} not checked`
  return rows.length === 0 ? total : `${renderWrapped(['', 'Node', 'Check', 'Finding'], rows, width)}\n${total}`
}
