import { type Paint, plain } from '../../terminal/paint.ts'
import { renderHistory, renderTable, renderWrapped } from '../../terminal/render-table.ts'
import { wrap } from '../../terminal/wrap.ts'
import { formatSpan } from '../../text/format.ts'
import type { Drill } from './drill.ts'
import type { Played } from './play.ts'

/** Widths of the text columns, in characters. */
const WIDTHS = { name: 27, happened: 44, did: 44, paged: 30 }

/** The whole table needs this much. A narrow terminal does without what happened then and what Baton pages for. */
const TABLE = 180
const unfold = (text: string) => text.replaceAll('\n', ' ')

/** The table of played drills: what happened then, what Baton does, what it pages for. */
export function renderDrills(
  drills: readonly Drill[],
  played: readonly Played[],
  width = Number.POSITIVE_INFINITY,
): string {
  const rows = played.flatMap((one) => {
    const drill = drills.find(({ id }) => id === one.id)
    if (!drill) return []
    const { chain, date, lasted, happened } = drill.outage
    return [
      [
        drill.id,
        wrap(drill.name, WIDTHS.name),
        wrap(`${chain}, ${date}, ${lasted}: ${happened}`, WIDTHS.happened),
        wrap(acts(one), WIDTHS.did),
        wrap(one.paged.join('; ') || '–', WIDTHS.paged),
        String(one.slotsMissed),
        one.passed ? 'pass' : 'FAIL',
      ],
    ]
  })
  const columns = ['', 'Drill', 'What happened then', 'What Baton does', 'Pages for', 'Gap#', '']
  const narrow = width < TABLE
  const table = narrow
    ? renderWrapped(
        ['', 'Drill', 'Gap#', '', 'What Baton does'],
        rows.map(([id = '', name = '', , did = '', , gap = '', verdict = '']) => [id, name, gap, verdict, unfold(did)]),
        width,
      )
    : renderTable(columns, rows)
  const failed = played.filter(({ passed }) => !passed)
  const total = `${played.length - failed.length} of ${played.length} pass; Gap: slots in a row without a block, caused halts included`
  return [table, total, ...failed.map(formatFailure)].join('\n')
}

/** One drill in full: the outage, given, when, must, each check, and Baton's history of it. */
export function renderDrill(
  { outage, ...drill }: Drill,
  played: Played,
  paint: Paint = plain,
  width = Number.POSITIVE_INFINITY,
): string {
  const indent = ' '.repeat(7)
  const line = (name: string, text: string) =>
    `${paint('quiet', name.padEnd(6))} ${wrap(text, width - indent.length).replaceAll('\n', `\n${indent}`)}`
  const checks = played.checks.map(({ must, holds, seen }) => {
    const mark = holds ? paint('good', 'ok ') : paint('bad', 'NO ')
    return wrap(`  ${mark} ${must}${seen && !holds ? ` (${seen})` : ''}`, width, '      ')
  })
  return [
    paint('bold', `${drill.id} ${drill.name}: ${outage.chain}, ${outage.date}, ${outage.lasted}`),
    line('then', outage.happened),
    line('', outage.source),
    line('given', drill.given),
    line('when', drill.when),
    line('must', drill.must),
    ...(drill.beyond ? [line('beyond', drill.beyond)] : []),
    '',
    ...checks,
    '',
    renderHistory(played.history, width),
    '',
    `${played.passed ? 'pass' : 'FAIL'}; at most ${played.slotsMissed} slots without a block; took ${formatSpan(played.tookMs)}`,
  ].join('\n')
}

/** The list of drills. */
export function renderDrillList(drills: readonly Drill[], width = Number.POSITIVE_INFINITY): string {
  const rows = drills.map(({ id, name, outage, when }) => [id, name, `${outage.chain}, ${outage.date}`, wrap(when, 70)])
  return renderWrapped(['', 'Drill', 'Outage', 'When'], rows, width)
}

/** Baton's acts, each once and in order, without their reasons. */
function acts({ did }: Played): string {
  const short = did.map((act) => act.replace(/ \(.*$/s, ''))
  const [cause = ''] = did.flatMap((act) => /^grant .*?\((.*)\)$/s.exec(act)?.[1] ?? [])
  const reported = [...new Set(short)].join(', ') || 'nothing: nothing is moved'
  return cause === '' ? reported : `${reported}; because ${cause}`
}

function formatFailure({ id, name, checks }: Played): string {
  const missed = checks.filter(({ holds }) => !holds).map(({ must, seen }) => `  ${must}${seen ? ` (${seen})` : ''}`)
  return [`${id} ${name} failed; not so:`, ...missed].join('\n')
}
