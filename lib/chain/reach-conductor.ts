import type { Hash } from '../protocol/block.ts'
import type { NodeClient } from './client.ts'
import { startSequencer } from './start.ts'

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
export async function reachConductor(client: NodeClient): Promise<Reach> {
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
