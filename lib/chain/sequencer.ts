import * as v from 'valibot'
import type { Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import type { Envelope } from './envelope.ts'
import { answer, type Failure } from './failure.ts'
import { hash } from './schema.ts'

/** The result of starting a node's sequencer. `message` is the node's own text. */
export type StartOutcome =
  | { readonly outcome: 'started' }
  | { readonly outcome: 'already-running' }
  /** The node asked its conductor, which answered no. */
  | { readonly outcome: 'not-leader'; readonly message: string }
  /** The node is at another block; normal for a moment after a payload was posted. */
  | { readonly outcome: 'head-mismatch'; readonly message: string }
  /** The node does not know its own head yet; normal just after its start. */
  | { readonly outcome: 'no-prestate'; readonly message: string }
  /** Anything else, including a node without `--sequencer.enabled`, or one that cannot reach its conductor. */
  | ({ readonly outcome: 'failed' } & Failure)

const refusals = [
  ['sequencer already running', 'already-running'],
  ['sequencer is not the leader', 'not-leader'],
  ['block hash does not match', 'head-mismatch'],
  ['no prestate', 'no-prestate'],
] as const

/**
 * Starts the sequencer on top of the block with this hash. The node first asks its conductor whether it is the leader,
 * so the call takes at least that long.
 *
 * - JSON-RPC: `admin_startSequencer` (needs `--rpc.enable-admin`)
 * - Never throws; op-node's refusals differ only by text.
 */
export async function startSequencer(client: NodeClient, hash: Hash): Promise<StartOutcome> {
  const answered = await answer(client.request({ method: 'admin_startSequencer', params: [hash] }))
  if (answered.ok) return { outcome: 'started' }
  const { failure, message } = answered
  const refusal = refusals.find(([text]) => message.includes(text))?.[1]
  return refusal ? { outcome: refusal, message } : { outcome: 'failed', failure, message }
}

/**
 * Stops the sequencer and returns the hash of the node's head. Some versions block this call until a sealed block is
 * inserted (seconds, or forever on a fenced node): set a timeout, and let nothing wait for the call.
 *
 * - JSON-RPC: `admin_stopSequencer` (needs `--rpc.enable-admin`)
 * - Fails with "sequencer not running" when it is already stopped.
 */
export async function stopSequencer(client: NodeClient): Promise<Hash> {
  return v.parse(hash, await client.request({ method: 'admin_stopSequencer' }))
}

/**
 * Lets a node publish without asking its conductor. Only a restart of its process reverts this. Two such nodes publish
 * two chains.
 *
 * - JSON-RPC: `admin_overrideLeader` (needs `--rpc.enable-admin`)
 */
export async function overrideLeader(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_overrideLeader' })
}

/**
 * Resets a node's derivation: it returns to the newest block whose L1 origin is canonical, and derives from there.
 * Keeps the blocks whose L1 origin is still canonical.
 *
 * - JSON-RPC: `admin_resetDerivationPipeline` (needs `--rpc.enable-admin`)
 */
export async function resetDerivation(client: NodeClient): Promise<void> {
  await client.request({ method: 'admin_resetDerivationPipeline' })
}

/**
 * Submits a payload to the consensus client, which only checks that the content has the named hash and queues it:
 * observe the node's head to see whether and when it adopts the block. A payload with an unknown parent waits in the
 * queue.
 *
 * - JSON-RPC: `admin_postUnsafePayload` (needs `--rpc.enable-admin`)
 * - Fails with "payload has bad block hash".
 */
export async function postUnsafePayload(client: NodeClient, envelope: Envelope): Promise<void> {
  await client.request({ method: 'admin_postUnsafePayload', params: [envelope] })
}

/** The result of a node's call to its conductor, or why it made none. */
export type Reach =
  /** Its conductor answered that it does not lead: address and secret are right. */
  | { readonly reach: 'proved' }
  /** Its conductor does not answer, or rejects its secret. */
  | { readonly reach: 'unreachable'; readonly message: string }
  /** The conductor answered that it leads, or the node asked none. */
  | { readonly reach: 'misled' }
  /** It runs without `--sequencer.enabled`. */
  | { readonly reach: 'no-sequencer' }
  /** It started on a block that does not exist. */
  | { readonly reach: 'ignores-hash' }
  /** Unknown. */
  | { readonly reach: 'unknown' }

/**
 * No block has this hash, so no node is ever at it. Not zeros: an op-node from before 2024-11 that has not loaded its
 * chain has a head of zeros, and would start there if it led.
 */
const NO_BLOCK: Hash = `0x${'ff'.repeat(32)}`

/**
 * Makes a standby ask its conductor whether it leads, as in a takeover, by a start that cannot succeed. op-node asks
 * its conductor first and then refuses a hash that is not its head's, so a node that becomes the leader at this moment
 * does not start either. kona-node takes no hash and would start: check {@link refusesWrongHash} first. Never call it
 * on the leader.
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

/** op-node's text about its conductor, already quoted: bounded, printable, and without the URL. */
const withoutAddress = (quoted: string) => quoted.replace(/"?\(URL\)"?/g, 'the URL of --conductor.rpc')

/**
 * Whether a client of this version refuses to start at a block it does not have: op-node's versions start with a v, the
 * simulated node's with its name. kona-node's is a bare number; it would start.
 */
export const refusesWrongHash = (version: string): boolean => /^(v\d|simulated)/.test(version)
