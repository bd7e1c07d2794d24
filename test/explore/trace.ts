import type { Block } from '../../lib/protocol/block.ts'
import type { Head, Lease } from '../../lib/protocol/records.ts'
import { labelOf } from './blocks.ts'
import type { Explorer, Step } from './explorer.ts'
import type { Pending } from './pending.ts'
import { LOST } from './programs.ts'
import { HEAD, LEASE, OPERATORS } from './state-set.ts'

export const describeFirst = (): string => 'no records'

/** A step in a line: who did what, and what the record is after it. */
export function describeStep(explorer: Explorer, before: Int32Array, step: Step, after?: Int32Array): string {
  const what = reported(explorer, before, step)
  if (!after || step.write === undefined) return what
  const { table } = explorer.tables.writes.of(step.write)
  const place = table === 'heads' ? HEAD : LEASE
  if (before[place] === after[place]) return what
  return table === 'heads'
    ? `${what}  → ${headText(explorer.tables.heads.of(after[HEAD] ?? 0))}`
    : `${what}  → ${leaseText(explorer.tables.leases.of(after[LEASE] ?? 0))}`
}

function reported(explorer: Explorer, before: Int32Array, { write, operator, act, ending }: Step): string {
  const who = operator === undefined ? '' : `operator ${operator + 1}`
  if (act) return `${who} begins: ${act.text}`
  if (write !== undefined) {
    const sent = explorer.tables.writes.of(write)
    return who ? `${who}: ${writeText(sent)}` : `${sent.by}: ${writeText(sent)}`
  }
  const point = explorer.programs.at(before[OPERATORS + (operator ?? 0)] ?? 0)
  if (ending === LOST) return `${who} has no answer from the ${point.table}`
  return `${who} reads the ${point.table}`
}

function writeText({ kind, write, seen }: Pending): string {
  const { set } = write as { set: Partial<Head & Lease> }
  const decided = seen
    ? ` (decided ${'orders' in seen ? `in term ${seen.term} at order ${seen.orders}` : `at block ${seen.number} of term ${seen.term}`})`
    : ''
  const facts = [
    set.hash && blockText(set as Block),
    set.leader !== undefined && `to ${set.leader || 'no node'}`,
    set.term !== undefined && `term ${set.term}`,
    set.mode,
    set.switchover && `to ${set.switchover.to ?? 'any'}`,
  ]
  return `${kind} ${facts.filter(Boolean).join(' ')}${decided}`
}

const blockText = ({ number, hash, parentHash }: Block) => `${number}:${labelOf(hash)} on ${labelOf(parentHash)}`

function headText(head: Head | undefined): string {
  if (!head) return 'no head'
  return `head ${blockText(head)}, ${head.leader || 'no node'} holds term ${head.term}`
}

function leaseText(lease: Lease | undefined): string {
  if (!lease) return 'no lease'
  const { leader, term, orders, mode, switchover, quarantine, renewedAt } = lease
  const more = [
    mode === 'auto' ? '' : mode,
    switchover && `switchover to ${switchover.to ?? 'any'} pending`,
    Object.keys(quarantine).length > 0 && `without ${Object.keys(quarantine).join(', ')}`,
    renewedAt > 0 && 'renewed',
  ]
  return [`lease of ${leader || 'no node'}, term ${term}, order ${orders}`, ...more.filter(Boolean)].join(', ')
}
