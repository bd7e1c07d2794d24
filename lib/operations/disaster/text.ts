import type { Records } from './close.ts'
import type { Candidate, Survey } from './survey.ts'

const commitments: Readonly<Record<string, string>> = {
  true: 'committed here',
  false: 'never committed here',
  unknown: 'not known whether committed here',
}

/** A candidate in one line: where it is, and whether it may be given up. */
export function formatCandidate({ block, nodes, committed, safe }: Candidate, of: number): string {
  const has = nodes.length === 0 ? 'on no node' : `on ${nodes.length} of ${of} nodes (${nodes.join(', ')})`
  const words = [has, commitments[String(committed)], ...(safe ? ['on L1'] : [])]
  return `block ${block.number} ${block.hash}: ${words.join(', ')}`
}

/** The whole vote, as text. */
export function formatSurvey({ head, lease, candidates, best, silent, deriving, unread, view }: Survey): string {
  const of = view.nodes.length
  return [
    head
      ? `head: block ${head.number} ${head.hash}, held by ${head.leader || 'no node'}, term ${head.term}`
      : 'head: none',
    lease ? `lease: ${lease.leader || 'no node'}, term ${lease.term}, ${lease.mode}` : 'lease: none',
    ...candidates.map((each) => `${each === best ? '>' : ' '} ${formatCandidate(each, of)}`),
    ...(silent.length > 0 ? [`silent, without a vote: ${silent.join(', ')}`] : []),
    ...deriving.map((each) => `${each}: where the nodes will stand is not known yet`),
    ...(unread === undefined ? [] : [`the archive cannot be read: ${unread}; a newer block may have been committed`]),
    best
      ? `the votes are for block ${best.block.number}; to confirm it, give its hash: ${best.block.hash}`
      : 'no block has the votes: weigh them, and insist with "--against-vote"',
  ].join('\n')
}

/** How an override left the records, and what to do about them. */
export function formatRecords(records: Records): string {
  switch (records.left) {
    case 'closed':
      return 'Baton is paused'
    case 'none':
      return 'there is no head, so no node can commit'
    case 'open':
      return records.paused
        ? `Baton is paused, but the head could not be closed (${records.why}): keep the op-nodes of the other nodes ended`
        : `Baton is NOT paused (${records.why}): when the store answers, it starts the stopped leader, and there are two chains. Keep the op-nodes of the other nodes ended, repeat "baton pause" until it is done, and write down who did this, and when`
  }
}
