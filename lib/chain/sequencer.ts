import * as v from 'valibot'
import type { Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import type { Envelope } from './envelope.ts'
import { answer, type Failure } from './failure.ts'
import { hash } from './schema.ts'

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

/**
 * Stops the sequencer and returns the hash of the node's head. Some versions block this call for as
 * long as a block they sealed is not inserted (seconds, or forever on a fenced node): give the client
 * a timeout and do not let anything wait for it.
 *
 * - JSON-RPC: `admin_stopSequencer` (needs `--rpc.enable-admin`)
 * - Fails with "sequencer not running" when it is stopped already.
 */
export async function stopSequencer(client: NodeClient): Promise<Hash> {
  return v.parse(hash, await client.request({ method: 'admin_stopSequencer' }))
}

/**
 * Lets a node publish without asking its conductor, until its process is restarted: there is no way back
 * but that. Two nodes with it publish two chains.
 *
 * - JSON-RPC: `admin_overrideLeader` (needs `--rpc.enable-admin`)
 */
export async function overrideLeader(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_overrideLeader' })
}

/**
 * Has a node look at L1 anew: it goes back to the newest block whose L1 origin is canonical, and derives from there.
 * Blocks L1 still stands behind are kept.
 *
 * - JSON-RPC: `admin_resetDerivationPipeline` (needs `--rpc.enable-admin`)
 */
export async function resetDerivation(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_resetDerivationPipeline' })
}

/**
 * Hands a payload to the consensus client. It only checks that the content has the named hash and
 * queues it: whether and when the block is adopted shows in the node's head, not here. A payload
 * whose parent is unknown waits in the queue.
 *
 * - JSON-RPC: `admin_postUnsafePayload` (needs `--rpc.enable-admin`)
 * - Fails with "payload has bad block hash".
 */
export async function postUnsafePayload(client: NodeClient, envelope: Envelope): Promise<void> {
  await client.request({ method: 'admin_postUnsafePayload', params: [envelope] })
}

/** How a node's question to its conductor went, or why it was not asked. */
export type Reach =
  /** Its conductor answered that it does not lead: address and secret are right. */
  | { readonly reach: 'proved' }
  /** Its conductor does not answer, or rejects its secret. */
  | { readonly reach: 'unreachable'; readonly message: string }
  /** It was told that it leads, or asked nobody. */
  | { readonly reach: 'misled' }
  /** It runs without `--sequencer.enabled`. */
  | { readonly reach: 'no-sequencer' }
  /** It started at a block that does not exist. */
  | { readonly reach: 'ignores-hash' }
  /** Nothing can be told. */
  | { readonly reach: 'unknown' }

/**
 * No block has this hash, so no node is ever at it. Not zeros: an op-node of before 2024-11 that has not loaded its
 * chain has a head of zeros, and would start there if it led.
 */
const NO_BLOCK: Hash = `0x${'ff'.repeat(32)}`

/**
 * Has a standby ask its conductor whether it leads, as it will when it takes over: a start that cannot succeed. An
 * op-node asks its conductor before it looks at anything else, and refuses a hash that is not its head's, so that one
 * that is made the leader in this very moment does not start either. kona-node takes no hash and would start: ask
 * {@link refusesWrongHash} first. Never ask the leader.
 *
 * - JSON-RPC: `admin_startSequencer`
 */
export async function tryConductor(client: NodeClient): Promise<Reach> {
  const started = await startSequencer(client, NO_BLOCK)
  switch (started.outcome) {
    case 'not-leader':
      return { reach: 'proved' }
    case 'started':
      return { reach: 'ignores-hash' }
    case 'failed':
      return failed(started.message)
    default:
      return { reach: 'misled' }
  }
}

const LEADER_CHECK = 'leader check failed'

function failed(message: string): Reach {
  if (message.includes('sequencer is not enabled')) return { reach: 'no-sequencer' }
  const at = message.indexOf(LEADER_CHECK)
  if (at < 0) return { reach: 'unknown' }
  const why = message.slice(at + LEADER_CHECK.length).replace(/^[:\s]+/, '')
  return { reach: 'unreachable', message: withoutAddress(why) }
}

/** What op-node says of its conductor. Its words are quoted already: bounded, printable, and without the URL. */
const withoutAddress = (quoted: string) => quoted.replace(/"?\(URL\)"?/g, 'the URL of --conductor.rpc')

/**
 * Whether what calls itself so refuses to start at a block it does not have: op-node's versions begin with a v, the
 * simulated node's with its name. kona-node's is a bare number; it would start.
 */
export const refusesWrongHash = (version: string): boolean => /^(v\d|simulated)/.test(version)
