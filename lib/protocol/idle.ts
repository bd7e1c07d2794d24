import { stateLost, stateSeemsLost } from './damage.ts'
import type { View } from './decision.ts'
import { kindOf } from './quarantine.ts'
import { type Reason, reason } from './reason.ts'
import type { Head } from './records.ts'
import { shortHolder } from './short.ts'

/**
 * Why the holder must be started, if it must: its sequencer is off, or it is the sequencer of an earlier
 * term that lacks the committed head and seals beside it, for ever if nobody gives it the block.
 */
export function idleness(view: View, head: Head): Reason | undefined {
  const consensus = view.trails[head.holder]?.observation.consensus
  if (!consensus?.ok) return undefined
  if (!consensus.value.sequencing) return reason('not-sequencing', {}, head.holder)
  return head.committedTerm === head.term ? undefined : sequencingBehind(view, head)
}

/**
 * The holder sequences on a block below the committed head. For a moment after each commit that is as it should be;
 * one that stays there was started before its last commit, of its life before, had arrived.
 */
export function sequencingBehind({ trails }: View, head: Head): Reason | undefined {
  const consensus = trails[head.holder]?.observation.consensus
  if (!consensus?.ok || !consensus.value.sequencing || consensus.value.unsafe.number >= head.number) return undefined
  const evidence = { number: String(consensus.value.unsafe.number), committed: String(head.number) }
  return reason('sequencing-behind', evidence, head.holder)
}

/**
 * Why a holder whose sequencer is off must not be started: a crash took its state, so that blocks it is given
 * are only stored and the damage grows (op-geth calls a block it has valid without executing it); its execution
 * client lost blocks op-node believes in, so that nothing can be built; or a recovery is at work on it.
 */
export function unstartable(
  view: View,
  { holder }: Head,
): { readonly why: Reason; readonly certain: boolean } | undefined {
  const { lease, trails } = view
  const quarantine = lease?.quarantine[holder]
  if (quarantine && kindOf(quarantine) === 'recovery') {
    return { why: reason('quarantined', { by: quarantine.by, why: quarantine.why }, holder), certain: true }
  }
  const trail = trails[holder]
  if (!trail) return undefined
  const [lost] = stateSeemsLost(holder, trail)
  if (lost) return { why: lost, certain: stateLost(holder, trail).length > 0 }
  return shortHolder(view, holder)
}
