import { BatonError } from '../../errors.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import type { NodeName } from '../../protocol/records.ts'
import { type BlockRange, formatRange } from './range.ts'

/** No source has these blocks. The blocks below them were plugged; nothing was invented. */
export class RangeUnavailableError extends BatonError {
  override readonly name = 'RangeUnavailableError'
  override readonly code = 'range-unavailable'
  readonly range: BlockRange

  constructor(range: BlockRange, asked: readonly string[], detail = '') {
    const whom = asked.length > 0 ? asked.join(', ') : 'none: there is no peer and no archive'
    super({
      message: `no source has block ${formatRange(range)}${detail} (asked: ${whom})`,
      remedy: 'Bring back a node or an archive that has it, then run the backfill again: it continues from there.',
    })
    this.range = range
  }
}

/** There is no block a client could build on: nothing can be plugged. */
export class NoStateFoundError extends BatonError {
  override readonly name = 'NoStateFoundError'
  override readonly code = 'no-state-found'

  constructor(what: string) {
    super({
      message: `the execution client has nothing to build on: ${what}`,
      remedy: 'Its database is gone: initialise it with its genesis, restore a snapshot, or let it sync from a peer.',
    })
  }
}

/** The node's own chain does not lead to the committed head: that is no gap, and it was given nothing. */
export class NotAnAncestorError extends BatonError {
  override readonly name = 'NotAnAncestorError'
  override readonly code = 'not-an-ancestor'
  readonly block: BlockId

  constructor(node: NodeName, block: BlockId, committed: Hash) {
    super({
      message: `${node} has block ${block.number} ${block.hash}, but ${committed} is the committed one`,
      remedy: 'Unwind the node below that block first; a backfill never replaces blocks.',
    })
    this.block = block
  }
}

/** An engine calls a block invalid that Baton proved to be committed. */
export class PayloadRefusedError extends BatonError {
  override readonly name = 'PayloadRefusedError'
  override readonly code = 'payload-refused'

  constructor(node: NodeName, block: BlockId, said: string) {
    super({
      message: `${node} refuses the committed block ${block.number} ${block.hash}: ${said}`,
      remedy: 'Compare version, genesis and fork times with a node that has the block, and look at the client’s log.',
    })
  }
}

/** A client claimed to have done what it did not do. Do not trust it before a person has examined it. */
export class EngineLiedError extends BatonError {
  override readonly name = 'EngineLiedError'
  override readonly code = 'engine-lied'
  readonly block: BlockId

  constructor(node: NodeName, block: BlockId, { claimed, observed }: { claimed: string; observed: string }) {
    super({
      message: `${node} answered ${claimed} for block ${block.number} ${block.hash}, but ${observed}`,
      remedy:
        'Look at the client’s log. If it only stored the block, unwind it to its newest block with state (baton recover).',
    })
    this.block = block
  }
}

/** A client accepts payloads and makes no progress. */
export class NoProgressError extends BatonError {
  override readonly name = 'NoProgressError'
  override readonly code = 'no-progress'
  readonly block: BlockId

  constructor(node: NodeName, block: BlockId, said: string, waitedMs: number) {
    super({
      message: `${node} made no progress at block ${block.number} ${block.hash} for ${Math.round(waitedMs / 1000)} s: ${said}`,
      remedy:
        'Look at the client’s log; is it syncing on its own, out of disk, or restarting? Then run the backfill again.',
    })
    this.block = block
  }
}
