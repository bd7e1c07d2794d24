import { printable } from '../../protocol/printable.ts'
import type { HistoryRecord } from '../../protocol/records.ts'
import { formatReasons, formatRepeats, formatUtc } from '../../text/format.ts'
import { costOf, formatMs, stepNames, titleOf } from './render-move.ts'
import type { Move, Story } from './story.ts'

/** How long before and after a move the history belongs to its report (ms). */
const AROUND_MS = 10 * 60_000

/**
 * A move as an incident report in Markdown: what happened, what it cost, each step with its time, and the records of
 * the history around it, with the evidence in full.
 */
export function incidentReport(move: Move, story: Story, history: readonly HistoryRecord[]): string {
  const { chain, blockTimeMs } = story
  const [first, last] = [move.steps[0], move.steps.at(-1)]
  const began = first?.at ?? 0
  const ended = last?.at ?? began
  const around = history.filter(({ at }) => at >= began - AROUND_MS && at <= ended + AROUND_MS).toReversed()
  const lines = [
    `# ${escapeMarkdown(`${titleOf(move)}: ${chain.name}`)}`,
    '',
    `| | |`,
    `|---|---|`,
    row('Chain', `${chain.name} (${chain.id}), a block every ${blockTimeMs} ms`),
    row('When', `${formatUtc(began)} to ${formatUtc(ended)}`),
    row('Cost', costOf(move, story)),
    row('Cause', move.why === '' ? 'not recorded' : move.why),
    row('Term', `${move.term}, ${move.to || 'no node'}; before it ${move.from || 'not known'}`),
    ...blocksOf(move),
    '',
    '## Steps',
    '',
    '| time | since the step before | since the first | step | what |',
    '|---|--:|--:|---|---|',
    ...move.steps.map((step, i) => {
      const since = move.steps[i - 1]?.at
      const times = [
        formatUtc(step.at),
        since === undefined ? '' : formatMs(step.at - since),
        i === 0 ? '' : formatMs(step.at - began),
      ]
      return `| ${[...times, stepNames[step.what], escapeMarkdown(step.text)].join(' | ')} |`
    }),
    '',
    '## History',
    '',
    ...(around.length === 0
      ? ['No record.']
      : ['| time | who | what | node | term | head | why |', '|---|---|---|---|--:|--:|---|']),
    ...around.map(({ at, actor, what, node = '', term, head, reasons, count, lastAt }) => {
      const cells = [
        `${what}${formatRepeats({ count, lastAt })}`,
        node,
        String(term),
        String(head),
        formatReasons(reasons, node),
      ]
      return `| ${[formatUtc(at), ...[`${actor.kind} ${actor.name}`, ...cells].map(escapeMarkdown)].join(' | ')} |`
    }),
    '',
  ]
  return lines.join('\n')
}

const row = (name: string, value: string) => `| ${name} | ${escapeMarkdown(value)} |`

function blocksOf({ before, after }: Move): string[] {
  const [last, first] = [before.at(-1), after[0]]
  return [
    ...(last ? [row('Last block', `${last.number} ${last.hash ?? ''} by ${last.leader}, ${formatUtc(last.at)}`)] : []),
    ...(first
      ? [row('First block', `${first.number} ${first.hash ?? ''} by ${first.leader}, ${formatUtc(first.at)}`)]
      : []),
  ]
}

/** Names and texts come from nodes and people: they must not become markup, nor end a cell. */
function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>#|!~]/g, '\\$&')
}
