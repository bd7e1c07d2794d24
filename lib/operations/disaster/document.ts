import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineDisaster } from './definition.ts'

/** Bringing a chain back by hand. */
export const disaster: WorkflowSpec = {
  name: 'Disaster',
  handler: 'disaster',
  handlerSeconds: 875,
  guide: `Brings a chain back when nothing goes by itself any more. With DryRun, the default, it shows what is left of the chain with a vote, and what the act would do.

- **re-seed**: the block named becomes the head; Baton grants whom it finds best.
- **cold-start**: the same, and the node named goes on, fit or not.
- **override**: one node publishes without Baton. Others are stopped first and seen stopped, Baton is paused and nobody may commit, as far as the store answers; the output says so. Without records it is refused while another node or the archive has a block above.
- **return**: the way back: the blocks it published are proven to descend from the head, archived and adopted; Baton grants again.
- **to-op-conductor**: Baton is paused, the leader stopped at a block boundary, the head closed to everybody.

**Confirmation**: the whole hash of the block it is about. For re-seed and cold-start the block that becomes the head; for override and return the committed head; for to-op-conductor any recent block. With a hash that is wrong nothing is changed.

**When it fails**: it is not tried again by itself. The cause and the history tell how far it came.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 901', allowedPattern: patterns.chain },
    Kind: {
      field: 'kind',
      as: 'text',
      description: 'What to do',
      allowedValues: ['re-seed', 'cold-start', 'override', 'return', 'to-op-conductor'],
    },
    Hash: {
      field: 'hash',
      as: 'text',
      description: "The block's whole hash, as confirmation; empty with DryRun: only tell what is left",
      default: '',
      allowedPattern: patterns.hashOrNothing,
    },
    Node: {
      field: 'node',
      as: 'text',
      description: 'cold-start: who goes on; override, return: which node',
      default: '',
      allowedPattern: patterns.nodeOrNothing,
    },
    AgainstVote: {
      field: 'againstVote',
      as: 'boolean',
      description:
        're-seed, cold-start: although the votes are not for it; override: although others have gone on above it. Committed blocks may be given up',
      default: 'false',
    },
    DryRun: {
      field: 'dryRun',
      as: 'boolean',
      description: 'Only tell what is left, and what would be done',
      default: 'true',
    },
  },
  dangerous: true,
  define: defineDisaster,
}
