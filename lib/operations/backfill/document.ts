import * as v from 'valibot'
import { block, chain, type Document, flag, type InputOf, inputOf, node } from '../engine/document.ts'
import { blockNumber } from '../engine/inputs.ts'

const fields = {
  chain: chain(),
  node: node('The node; it must not sequence'),
  from: { description: 'Examine from this block on; default: 64 blocks below its newest', schema: blockNumber },
  to: block('Plug no further than this block; empty = the committed head'),
  through: {
    description:
      'engine or consensus; default: consensus (op-node) while that runs, for it moves the forkchoice of the client',
    schema: v.optional(v.picklist(['engine', 'consensus'], 'must be engine or consensus')),
  },
  dryRun: flag('Only show what is missing'),
}

/** The parsed input of a backfill. */
export type BackfillInput = InputOf<typeof fields>
export const backfillInput = inputOf(fields)

/** A backfill, in the console. */
export const backfillDocument: Document = {
  guide: `Gives a node the committed blocks its execution client lacks, oldest first.

**What it does**: finds what is missing between the newest block the client can build on and the committed head, takes each payload from the node itself, the archive or a peer, checks that its content hashes to the committed hash, gives it to the client, and checks that it is there.

**When it fails**: it names a range that no source has, and a client that says VALID and does nothing. What was plugged stays, and a second start resumes there. It refuses a node that sequences.

**Undo**: nothing to undo. It gives committed blocks only, and replaces none.`,
  fields,
  dangerous: false,
}
