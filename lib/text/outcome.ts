import type { AskedSwitchover, Outcome } from '../protocol/outcome.ts'
import { formatReason } from './format.ts'

/** The outcome of a switchover, as a sentence without a full stop. */
export function formatOutcome({ to = 'the best standby' }: Pick<AskedSwitchover, 'to'>, came: Outcome): string {
  switch (came.outcome) {
    case 'pending':
      return `the switchover to ${to} is pending`
    case 'moved':
      return `${came.leader} leads in term ${came.term} since block ${came.block.number}`
    case 'rolled-back':
      return `rolled back: the target did not commit, ${came.leader} leads in term ${came.term}`
    case 'overtaken':
      return `another move came first: ${came.leader} leads in term ${came.term}`
    case 'refused':
      return `refused: ${came.why ? formatReason(came.why) : 'see "baton history"'}`
    case 'withdrawn':
      return `withdrawn by ${came.by}`
  }
}
