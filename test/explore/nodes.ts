import { commit } from '../../lib/protocol/commit.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { claims } from './blocks.ts'
import type { Pending } from './pending.ts'
import { NODES, type Scope } from './scope.ts'

/** Where the gate puts the payload of a block here: of one label in the item, of the other beside it. */
export const placeOf = (hash: string) =>
  hash.endsWith('b') ? { payloadRef: `of ${hash}` } : { payload: new TextEncoder().encode(`of ${hash}`) }

/**
 * Every commit any node can send under its own name, whatever it knows and however late: the gate makes one write of
 * each, and reads nothing before. Made for a head only so that the claims it could take for true are among them.
 */
export function commitsOn(head: Head, scope: Scope): Pending[] {
  return NODES.slice(0, scope.nodes).flatMap((node) =>
    claims(head, scope).map((block): Pending => {
      const write = commit(node, block, placeOf(block.hash), 0)
      return { by: node, table: 'heads', kind: 'commit', write }
    }),
  )
}
