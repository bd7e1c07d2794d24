import type { BlockId, Hash } from '../../protocol/block.ts'
import { isShort } from '../../protocol/node-history.ts'
import type { FailureClass, Observation } from '../../protocol/observation.ts'

/**
 * The damage of a node after a crash, from two observations a moment apart. Each kind has its remedies (ladder.ts). The
 * first kind that matches, in this order, is treated.
 *
 * - `execution-down`: its execution client refuses connections.
 * - `unknown`: it does not answer, or its answer proves nothing.
 * - `forked`: it has another block at a committed height. Never treated without a person.
 * - `foreign`: it has another genesis: its data folder was emptied or belongs to another chain.
 * - `state-missing`: the state of its newest block is unreadable.
 * - `syncing`: its execution client is syncing.
 * - `state-lost`: blocks are stored above the newest one, but their state is gone.
 * - `execution-short`: its execution client lost its newest blocks, and op-node still names them.
 * - `catching-up`: behind, and moving.
 * - `behind`: behind, and standing still; nothing is stored above.
 * - `consensus-down`: the execution client is well and op-node is down.
 * - `none`: at the committed head.
 */
export type Damage =
  | { readonly kind: 'execution-down' }
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'forked'; readonly number: bigint; readonly hash: Hash; readonly committed: Hash }
  | { readonly kind: 'foreign'; readonly hash: Hash }
  | { readonly kind: 'state-missing'; readonly latest: BlockId; readonly message: string }
  | { readonly kind: 'syncing'; readonly latest: BlockId; readonly missing: bigint }
  | { readonly kind: 'state-lost'; readonly latest: BlockId; readonly stored: BlockId; readonly missing: bigint }
  | { readonly kind: 'execution-short'; readonly latest: BlockId; readonly named: BlockId; readonly missing: bigint }
  | { readonly kind: 'catching-up'; readonly latest: BlockId; readonly missing: bigint }
  | { readonly kind: 'behind'; readonly latest: BlockId; readonly missing: bigint; readonly consensus: boolean }
  | { readonly kind: 'consensus-down'; readonly latest: BlockId }
  | { readonly kind: 'none'; readonly latest: BlockId }

/** Two observations of a node, and what is committed. */
export type Facts = {
  readonly before: Observation
  readonly now: Observation
  /** The committed head, read after both observations. */
  readonly head: BlockId
  /** The committed hash at the height of the node's newest block; absent = unknown. */
  readonly committed?: Hash | undefined
}

/** A follower always lags this far for a moment. */
export const CLOSE = 2n

/** Names the damage. Pure. */
export function classify({ before, now, head, committed }: Facts): Damage {
  const { consensus, execution } = now
  if (!execution.ok) {
    const { failure, message } = execution
    return failure === 'refused' ? { kind: 'execution-down' } : unknown('execution client', failure, message)
  }
  const { latest, stored, state, syncing, syncMark, at } = execution.value
  const other = committed !== undefined && committed !== latest.hash
  if (other && latest.number === 0n) return { kind: 'foreign', hash: latest.hash }
  if (other) return { kind: 'forked', number: latest.number, hash: latest.hash, committed }
  if (at?.number === head.number && at.hash && at.hash !== head.hash) {
    return { kind: 'forked', number: head.number, hash: at.hash, committed: head.hash }
  }
  if (!state.ok) return { kind: 'state-missing', latest, message: state.message }
  const missing = head.number > latest.number ? head.number - latest.number : 0n
  const was = before.execution.ok ? before.execution.value : undefined
  // A snap sync shows no new block for hours, but its sync status changes.
  const moved = was !== undefined && (was.latest.number < latest.number || was.syncMark !== syncMark)
  if (missing > CLOSE) {
    if (moved) return { kind: 'catching-up', latest, missing }
    if (syncing) return { kind: 'syncing', latest, missing }
    if (stored) return { kind: 'state-lost', latest, stored, missing }
  }
  if (consensus.ok && !syncing && isShort(now, undefined) && isShort(before, undefined) && !moved) {
    return { kind: 'execution-short', latest, named: consensus.value.unsafe, missing }
  }
  if (!consensus.ok && consensus.failure !== 'refused') return unknown('op-node', consensus.failure, consensus.message)
  if (missing > CLOSE) return { kind: 'behind', latest, missing, consensus: consensus.ok }
  return consensus.ok ? { kind: 'none', latest } : { kind: 'consensus-down', latest }
}

function unknown(client: string, failure: FailureClass, message: string): Damage {
  return { kind: 'unknown', message: `its ${client} gives no answer that proves anything (${failure}: ${message})` }
}

/** The damage as text. */
export function formatDamage(damage: Damage): string {
  switch (damage.kind) {
    case 'execution-down':
      return 'the execution client refuses connections'
    case 'unknown':
      return damage.message
    case 'forked':
      return `it has block ${damage.number} ${damage.hash} where ${damage.committed} is committed`
    case 'foreign':
      return `its genesis is ${damage.hash}: its data folder was emptied, or belongs to another chain`
    case 'state-missing':
      return `the state of its newest block ${damage.latest.number} is missing: ${damage.message}`
    case 'syncing':
      return `its execution client says that it syncs, and stands at block ${damage.latest.number}, ${damage.missing} behind`
    case 'state-lost':
      return `at block ${damage.latest.number}, ${damage.missing} behind, with block ${damage.stored.number} stored above and its state lost`
    case 'execution-short':
      return `its execution client is at block ${damage.latest.number}, and op-node still names block ${damage.named.number}, which it lost`
    case 'catching-up':
      return `at block ${damage.latest.number}, ${damage.missing} behind and catching up`
    case 'behind':
      return `at block ${damage.latest.number}, ${damage.missing} behind and standing still${damage.consensus ? '' : ', op-node is down'}`
    case 'consensus-down':
      return `its execution client is well at block ${damage.latest.number}, and op-node is down`
    case 'none':
      return `well at block ${damage.latest.number}`
  }
}
