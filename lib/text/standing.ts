import type { NodeRow } from './nodes.ts'

/** How a node's role is shown: in words, and whether that is good. */
export type Standing = { readonly words: string; readonly tone: 'good' | 'move' | 'warn' | 'bad' | 'plain' }

/** The standing of a node. A leader whose client does not answer is none to rely on, though its commits still arrive. */
export function standingOf({ role, consensusFailure, executionFailure }: NodeRow): Standing {
  if (role === 'leading' && (consensusFailure ?? executionFailure) !== undefined)
    return { words: 'leading, does not answer', tone: 'warn' }
  return { words: role === 'outside' ? 'sequencing outside' : role, tone: tones[role] }
}

const tones: Record<NodeRow['role'], Standing['tone']> = {
  leading: 'good',
  starting: 'move',
  failing: 'bad',
  down: 'bad',
  fenced: 'bad',
  unfit: 'warn',
  standby: 'plain',
  outside: 'plain',
  unseen: 'plain',
}
