import { type Paint, plain } from '../../terminal/paint.ts'
import { renderHistory, renderTable } from '../../terminal/render-table.ts'
import { formatSpan } from '../../text/format.ts'
import type { Drill } from './drill.ts'
import type { Played } from './play.ts'

/** Widths of the text columns, in characters. */
const WIDTHS = { name: 27, happened: 44, did: 44, paged: 30 }

/** The table of played drills: what happened then, what Baton does, what it pages for. */
export function renderDrills(drills: readonly Drill[], played: readonly Played[]): string {
  const rows = played.flatMap((one) => {
    const drill = drills.find(({ id }) => id === one.id)
    if (!drill) return []
    const { chain, date, lasted, happened } = drill.outage
    return [
      [
        drill.id,
        fold(drill.name, WIDTHS.name),
        fold(`${chain}, ${date}, ${lasted}: ${happened}`, WIDTHS.happened),
        fold(acts(one), WIDTHS.did),
        fold(one.paged.join('; ') || '–', WIDTHS.paged),
        String(one.slotsMissed),
        one.passed ? 'pass' : 'FAIL',
      ],
    ]
  })
  const table = renderTable(['', 'Drill', 'What happened then', 'What Baton does', 'Pages for', 'Gap#', ''], rows)
  const failed = played.filter(({ passed }) => !passed)
  const total = `${played.length - failed.length} of ${played.length} pass; Gap: slots in a row without a block, caused halts included`
  return [table, total, ...failed.map(formatFailure)].join('\n')
}

/** One drill in full: the outage, given, when, must, each check, and Baton's history of it. */
export function renderDrill({ outage, ...drill }: Drill, played: Played, paint: Paint = plain): string {
  const line = (name: string, text: string) => `${paint('quiet', name.padEnd(6))} ${text}`
  const checks = played.checks.map(({ must, holds, seen }) => {
    const mark = holds ? paint('good', 'ok ') : paint('bad', 'NO ')
    return `  ${mark} ${must}${seen && !holds ? ` (${seen})` : ''}`
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
    renderHistory(played.history),
    '',
    `${played.passed ? 'pass' : 'FAIL'}; at most ${played.slotsMissed} slots without a block; took ${formatSpan(played.tookMs)}`,
  ].join('\n')
}

/** The list of drills. */
export function renderDrillList(drills: readonly Drill[]): string {
  const rows = drills.map(({ id, name, outage, when }) => [id, name, `${outage.chain}, ${outage.date}`, fold(when, 70)])
  return renderTable(['', 'Drill', 'Outage', 'When'], rows)
}

/** Baton's acts, each once and in order, without their reasons. */
function acts({ did }: Played): string {
  const short = did.map((act) => act.replace(/ \(.*$/s, ''))
  const [cause = ''] = did.flatMap((act) => /^grant .*?\((.*)\)$/s.exec(act)?.[1] ?? [])
  const told = [...new Set(short)].join(', ') || 'nothing: nothing is moved'
  return cause === '' ? told : `${told}; because ${cause}`
}

function formatFailure({ id, name, checks }: Played): string {
  const missed = checks.filter(({ holds }) => !holds).map(({ must, seen }) => `  ${must}${seen ? ` (${seen})` : ''}`)
  return [`${id} ${name} failed; not so:`, ...missed].join('\n')
}

/** Breaks a sentence into lines. */
function fold(text: string, width: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
