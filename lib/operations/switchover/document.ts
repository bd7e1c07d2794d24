import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineSwitchover } from './definition.ts'

/** Moving sequencing on purpose. */
export const switchover: WorkflowSpec = {
  name: 'Switchover',
  handler: 'switchover',
  handlerSeconds: 15,
  guide: `Moves sequencing of one chain to another node at a block boundary.

**What it does**: checks that the target is fit, asks Baton's monitor for the move, and watches until the target has committed a block of its own term. No slot is missed when all is well.

**When it fails**: an unfit target is refused before anything changes. A target that is granted and does not commit is replaced by the next candidate.

**Undo**: switch over to the former leader.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 901', allowedPattern: patterns.chain },
    To: {
      field: 'to',
      as: 'text',
      description: 'The node to move to; empty = the best standby',
      default: '',
      allowedPattern: patterns.nodeOrNothing,
    },
    DryRun: { field: 'dryRun', as: 'boolean', description: 'Only check whether it could be done', default: 'false' },
  },
  dangerous: true,
  onAbort: { act: 'withdraw' },
  define: defineSwitchover,
}
