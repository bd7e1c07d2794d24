import type { Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { answer, type Failure } from './failure.ts'

/** What asking a node to start its sequencer came to. `message` is the node's own text. */
export type StartOutcome =
  | { readonly outcome: 'started' }
  | { readonly outcome: 'already-running' }
  /** The node asked its conductor and was told no. */
  | { readonly outcome: 'not-leader'; readonly message: string }
  /** The node is at another block; normal for a moment after a payload was posted. */
  | { readonly outcome: 'head-mismatch'; readonly message: string }
  /** The node does not know its own head yet; normal just after it was started. */
  | { readonly outcome: 'no-prestate'; readonly message: string }
  /** Anything else, also a node without `--sequencer.enabled`, or one that cannot reach its conductor. */
  | ({ readonly outcome: 'failed' } & Failure)

const refusals = [
  ['sequencer already running', 'already-running'],
  ['sequencer is not the leader', 'not-leader'],
  ['block hash does not match', 'head-mismatch'],
  ['no prestate', 'no-prestate'],
] as const

/**
 * Starts the sequencer on top of the block with this hash. The node first asks its conductor whether
 * it is the leader, so this takes as long as that answer does.
 *
 * - JSON-RPC: `admin_startSequencer` (needs `--rpc.enable-admin`)
 * - Never throws; op-node tells its refusals apart only by text.
 */
export async function startSequencer(client: NodeClient, hash: Hash): Promise<StartOutcome> {
  const answered = await answer(client.request({ method: 'admin_startSequencer', params: [hash] }))
  if (answered.ok) return { outcome: 'started' }
  const { failure, message } = answered
  const refusal = refusals.find(([text]) => message.includes(text))?.[1]
  return refusal ? { outcome: refusal, message } : { outcome: 'failed', failure, message }
}
