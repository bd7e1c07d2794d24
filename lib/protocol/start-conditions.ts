import { stateLost, stateSeemsLost } from './damage.ts'
import type { View } from './decision.ts'
import { replacedOrigin } from './follow-l1.ts'
import { kindOf } from './quarantine.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'
import { shortLeader } from './short.ts'

/**
 * Why the leader must be started, if so: its sequencer is off, or it runs from an earlier term without the committed
 * head and seals beside it, for ever unless it is given that block.
 */
export function reasonToStart(view: View, head: Head): Reason | undefined {
  const consensus = view.observed[head.leader]?.observation.consensus
  if (!consensus?.ok) return undefined
  if (!consensus.value.sequencing) return reason('not-sequencing', {}, head.leader)
  return head.committedTerm === head.term ? undefined : sequencingBehind(view, head)
}

/**
 * The leader sequences on a block below the committed head. That is normal for a moment after each commit. A leader
 * that stays there was started before the last commit of its earlier life had arrived.
 */
export function sequencingBehind({ observed }: View, head: Head): Reason | undefined {
  const consensus = observed[head.leader]?.observation.consensus
  if (!consensus?.ok || !consensus.value.sequencing || consensus.value.unsafe.number >= head.number) return undefined
  const evidence = { number: String(consensus.value.unsafe.number), committed: String(head.number) }
  return reason('sequencing-behind', evidence, head.leader)
}

/**
 * Why a leader must not be started although it builds nothing on the head. Either L1 replaced the head's origin, and
 * the leader left the head and would leave it again. Or a crash took its state: it would only store the blocks it is
 * given, and the damage grows (op-geth calls a block it has valid without executing it). Or its execution client lost
 * blocks that op-node still names, so that it can build nothing. Or a recovery is at work on it.
 */
export function startBlocker(view: View, head: Head): { readonly why: Reason; readonly certain: boolean } | undefined {
  const { lease, observed } = view
  const { leader } = head
  const quarantine = lease?.quarantine[leader]
  if (quarantine && kindOf(quarantine) === 'recovery') {
    return { why: reason('quarantined', { by: quarantine.by, why: quarantine.why }, leader), certain: true }
  }
  const replaced = sequencingBehind(view, head) && replacedOrigin(view)
  if (replaced) return { why: replaced, certain: false }
  const known = observed[leader]
  if (!known) return undefined
  const [lost] = stateSeemsLost(leader, known)
  if (lost) return { why: lost, certain: stateLost(leader, known).length > 0 }
  return shortLeader(view, leader)
}
