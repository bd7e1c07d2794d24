import { createHash } from 'node:crypto'
import type { Block, Hash } from '../../lib/protocol/block.ts'

/** A hash that stands for some text. */
export function hashOf(text: string): Hash {
  return `0x${createHash('sha256').update(text).digest('hex')}`
}

/** The genesis of test chains, number 100. */
export const genesis: Block = { number: 100n, hash: hashOf('genesis'), parentHash: hashOf('none'), timestamp: 1000n }

/** A child of a block; `branch` tells children of one parent apart. */
export function childOf(parent: Block, branch = ''): Block {
  const hash = hashOf(`${parent.hash}${branch}`)
  return { number: parent.number + 1n, hash, parentHash: parent.hash, timestamp: parent.timestamp + 2n }
}

/** The envelope of a block as op-node sends it, with `transactions` of incompressible bytes. */
export function envelopeOf(block: Block, transactions: readonly string[] = []): string {
  return JSON.stringify({
    parentBeaconBlockRoot: hashOf('beacon'),
    executionPayload: {
      parentHash: block.parentHash,
      blockNumber: `0x${block.number.toString(16)}`,
      timestamp: `0x${block.timestamp.toString(16)}`,
      blockHash: block.hash,
      transactions,
    },
  })
}
