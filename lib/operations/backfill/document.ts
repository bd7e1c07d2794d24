import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineBackfill } from './definition.ts'

/** Giving a node the committed blocks it lacks. */
export const backfill: WorkflowSpec = {
  name: 'Backfill',
  handler: 'backfill',
  handlerSeconds: 65,
  guide: `Gives a node the committed blocks its execution client lacks, oldest first.

**What it does**: finds what is missing between the newest block the client can build on and the committed head, takes each payload from the node itself, the archive or a peer, checks that its content hashes to the committed hash, gives it to the client, and looks whether it is there.

**When it fails**: a range nobody has is named; a client that says VALID and does nothing is named; what was plugged stays, and a second start goes on from there. A node that sequences is refused.

**Undo**: nothing to undo. Only committed blocks are given, and none is replaced.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 901', allowedPattern: patterns.chain },
    Node: { field: 'node', as: 'text', description: 'The node; it must not sequence', allowedPattern: patterns.node },
    To: {
      field: 'to',
      as: 'text',
      description: 'Plug no further than this block; empty = the committed head',
      default: '',
      allowedPattern: patterns.numberOrNothing,
    },
    DryRun: { field: 'dryRun', as: 'boolean', description: 'Only tell what is missing', default: 'false' },
  },
  dangerous: false,
  define: defineBackfill,
}
