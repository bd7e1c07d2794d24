import type { NodeRow } from '../text/nodes.ts'
import { shortHash } from '../text/reason.ts'
import { formatSpan } from '../text/time.ts'
import type { Paint, Tone } from './paint.ts'
import { renderTable } from './render-table.ts'

type Column = { readonly name: string; readonly cell: (row: NodeRow, paint: Paint) => string }

const roleTones: Record<NodeRow['role'], Tone | undefined> = {
  leading: 'good',
  starting: 'move',
  failing: 'bad',
  down: 'bad',
  fenced: 'bad',
  unfit: 'warn',
  standby: undefined,
  unseen: 'quiet',
}

const columns: readonly Column[] = [
  { name: 'Node', cell: ({ name }) => name },
  { name: 'Zone', cell: ({ zone }) => zone },
  { name: 'Role', cell: formatRole },
  { name: 'Sequencing', cell: ({ sequencing }) => (sequencing === undefined ? '' : sequencing ? 'yes' : 'no') },
  { name: 'Term#', cell: ({ term }) => text(term) },
  { name: 'Unsafe#', cell: formatUnsafe },
  { name: 'Hash', cell: formatHash },
  { name: 'Execution#', cell: formatExecution },
  { name: 'Lag#', cell: ({ lag }) => text(lag) },
  { name: 'Safe#', cell: ({ safe }) => text(safe) },
  { name: 'Finalized#', cell: ({ finalized }) => text(finalized) },
  { name: 'L1 age#', cell: ({ l1AgeMs }) => (l1AgeMs === undefined ? '' : formatSpan(l1AgeMs)) },
  { name: 'Peers#', cell: ({ peers }) => text(peers) },
  { name: 'Prio#', cell: ({ noFailover, priority }) => (noFailover ? 'never' : String(priority)) },
  { name: 'Fit', cell: formatFitness },
]

/** What a narrow terminal goes without, first to last. */
const expendable = ['Finalized#', 'Zone', 'Prio#', 'Peers#', 'Safe#', 'L1 age#', 'Execution#', 'Term#']

/** The table of nodes, as wide as it may be (characters); columns that do not fit are left out. */
export function renderNodeTable(rows: readonly NodeRow[], paint: Paint, width: number): string {
  for (let dropped = 0; ; dropped++) {
    const out = expendable.slice(0, dropped)
    const kept = columns.filter(({ name }) => !out.includes(name))
    const table = renderTable(
      kept.map(({ name }) => name),
      rows.map((row) => kept.map(({ cell }) => cell(row, paint))),
    )
    if (table.indexOf('\n') <= width || dropped === expendable.length) return table
  }
}

function formatRole({ role }: NodeRow, paint: Paint): string {
  const tone = roleTones[role]
  const word = `${role === 'leading' ? '* ' : ''}${role}`
  return tone ? paint(tone, word) : word
}

function formatUnsafe({ consensusFailure, unsafe }: NodeRow, paint: Paint): string {
  return consensusFailure ? paint('bad', consensusFailure) : text(unsafe?.number)
}

function formatHash({ unsafe, fork }: NodeRow, paint: Paint): string {
  const hash = unsafe ? shortHash(unsafe.hash) : ''
  return fork ? paint('bad', `${hash} ⚠`) : hash
}

function formatExecution({ executionFailure, latest }: NodeRow, paint: Paint): string {
  return executionFailure ? paint('bad', executionFailure) : text(latest?.number)
}

function formatFitness({ term, eligible }: NodeRow, paint: Paint): string {
  if (term !== undefined) return 'leader'
  return eligible ? paint('good', 'yes') : paint('warn', 'no')
}

function text(value: bigint | number | undefined): string {
  return value === undefined ? '' : String(value)
}
