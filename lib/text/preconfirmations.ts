import type { Snapshot } from '../context/inspect.ts'
import { formatSpan } from './format.ts'

/**
 * What a failover would mean for preconfirmations, as a sentence; `undefined` = no node has a flashblocks stream.
 * Flashblocks are committed nowhere: only the block they become is.
 */
export function formatPreconfirmations({ view: { builders, head, policy, now } }: Snapshot): string | undefined {
  if (!head || !builders || !Object.values(builders).some(({ streams }) => streams)) return undefined
  const leader = builders[head.leader]
  if (!leader?.streams) return `${head.leader || 'no node'} leads and streams none`
  const { heardAt } = leader.stream ?? {}
  const last = heardAt === undefined ? '' : `, the last ${formatSpan(now - heardAt)} ago`
  const most = formatSpan(policy.blockTimeMs)
  return `streamed by ${head.leader}${last}; a move drops those after block ${head.number}, up to ${most} of them`
}
