import type { Snapshot } from '../context/inspect.ts'
import type { Command } from '../protocol/decision.ts'
import type { Reason } from '../protocol/reason.ts'
import { formatReason } from './format.ts'
import { gatherNodes, rankCandidates } from './nodes.ts'
import { formatL1Worries } from './summary.ts'

/** What Baton would do, and why not something else; page and terminal share it. */
export type Explanation = {
  /** Each act with its reasons; empty when there is nothing to do. */
  readonly acts: readonly { readonly act: string; readonly because: readonly string[] }[]
  readonly because: readonly string[]
  /** What to say when there is no act: that all is well, or that a person must act. */
  readonly idle: string
  /** The node that would be next, if any. */
  readonly next?: string
  readonly whyNot: readonly string[]
}

/** Formats the decision of a snapshot. */
export function explain(snapshot: Snapshot): Explanation {
  const { decision, view } = snapshot
  const textsOf = (reasons: readonly Reason[]) => [...new Set(reasons.map((reason) => formatReason(reason)))]
  const candidates = rankCandidates(snapshot)
  const refused = gatherNodes(snapshot)
    .filter(({ name, eligible }) => !eligible && name !== view.head?.leader)
    .map(({ name, reasons }) => `not ${name}: ${reasons.join('; ') || 'not observed yet'}`)
  const next = candidates[0]?.name
  return {
    acts: decision.commands.map((command) => ({ act: formatCommand(command), because: textsOf(command.reasons) })),
    because: [...textsOf(decision.reasons), ...formatL1Worries(snapshot)],
    idle: decision.condition === 'halted' ? 'Baton can do nothing on its own' : 'nothing to do',
    ...(next === undefined ? {} : { next }),
    whyNot: [
      ...(decision.sharedCause ? [`nothing is moved: ${formatReason(decision.sharedCause)}`] : []),
      ...refused,
      ...candidates.slice(1).map(({ name, reasons }) => `${name} comes after ${next}: ${reasons.join('; ')}`),
    ],
  }
}

/** A command as an act in progress: `grant the next term to seq-b`. */
export function formatCommand(command: Command): string {
  switch (command.act) {
    case 'seed':
      return `write the first head, block ${command.block.number}`
    case 'seed-lease':
      return 'write the first lease'
    case 'follow-head':
      return "bring the lease up to the head's term"
    case 'grant':
      return `grant the next term to ${command.grant.to}${command.grant.overLease ? ' at once' : ' when the lease ends'}`
    case 'fence':
      return `fence the head for ${command.node}, term ${command.term}`
    case 'start':
      return `start ${command.node} under term ${command.term}`
    case 'stop':
      return `stop ${command.node}, best effort`
    case 'reset-derivation':
      return `ask ${command.node} to derive from L1 again`
    case 'top-up':
      return `post the committed blocks to ${command.node} that it lacks`
    case 'renew':
      return 'renew the lease'
    case 'cool-down':
      return `cool down until ${new Date(command.until).toISOString()}`
    case 'follow-l1':
      return `move the head to block ${command.block.number}, where L1 and most nodes are`
    case 'refuse-switchover':
      return 'refuse the switchover'
  }
}
