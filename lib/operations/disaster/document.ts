import * as v from 'valibot'
import { chain, confirmation, type Document, flag, type InputOf, inputOf, nodeOrNone } from '../engine/document.ts'
import { InvalidInputError } from '../engine/errors.ts'
import { type DisasterAct, disasterKinds } from './acts.ts'

const fields = {
  chain: chain(),
  kind: {
    description: 'What to do',
    schema: v.picklist(disasterKinds, `must be one of ${disasterKinds.join(', ')}`),
    console: { allowedValues: disasterKinds },
  },
  hash: confirmation("The block's whole hash, as confirmation; empty with DryRun: only show what is left"),
  node: nodeOrNone('cold-start: which node leads; override, return: which node'),
  againstVote: flag(
    're-seed, cold-start: ignore the votes; override: ignore blocks that others have above it. Committed blocks may be given up',
  ),
  dryRun: {
    ...flag('Only show what is left, and what would be done'),
    console: { default: 'true', isBoolean: true as const },
  },
}

/** The parsed input of a disaster act. */
export type DisasterInput = InputOf<typeof fields>
export const disasterInput = inputOf(fields)

/** The input of a disaster act, on any surface. */
type Asked = Pick<DisasterInput, 'kind' | 'hash' | 'node'> & Partial<Pick<DisasterInput, 'againstVote'>>

/**
 * The act with all that it needs.
 *
 * @throws InvalidInputError
 */
export function actOf({ kind, hash, node, againstVote }: Asked): DisasterAct {
  if (hash === undefined) throw new InvalidInputError(["hash: must be the block's whole hash, as confirmation"])
  if (kind === 're-seed' || kind === 'to-op-conductor') return { act: kind, hash, againstVote }
  if (node === undefined) throw new InvalidInputError([`node: must be the name of a node, for ${kind}`])
  return { act: kind, hash, node, againstVote }
}

/** The disaster acts, in the console. */
export const disasterDocument: Document = {
  guide: `Brings a chain back when automation cannot proceed. With DryRun, the default, it shows what is left of the chain with a vote, and what the act would do.

- **re-seed**: the block named becomes the head; Baton grants the best candidate.
- **cold-start**: the same, and the node named leads, fit or not.
- **override**: one node publishes without Baton. Baton stops every other sequencer and verifies it, pauses itself and closes the head, as far as the store answers; the output says so. Without records it is refused while another node or the archive has a block above.
- **return**: the way back: the blocks it published are proven to descend from the head, archived and adopted; Baton grants again.
- **to-op-conductor**: Baton pauses, stops the leader at a block boundary and closes the head.

**Confirmation**: the whole hash of the block it is about. For re-seed and cold-start the block that becomes the head; for override and return the committed head; for to-op-conductor any recent block. A wrong hash changes nothing.

**When it fails**: it is not tried again. The cause and the history say how far it came.`,
  fields,
  dangerous: true,
}
