import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineCrashRecovery } from './definition.ts'

/** Bringing a node back after a crash. */
export const crashRecovery: WorkflowSpec = {
  name: 'CrashRecovery',
  handler: 'crash-recovery',
  handlerSeconds: 870,
  guide: `Brings a node back after a crash: names the damage, repairs it, and proves that the node works.

**What it does**: takes the node out of eligibility, tries the methods against its damage from harmless to drastic (give it blocks, restart, cut the tail whose state is lost, begin at genesis again), looks after each, compares the committed hashes, reads the state, has a block built and dropped, and puts the node back.

**When it fails**: the node stays in quarantine, and the history tells what was tried and what came of it. The node that sequences is refused, and one that somebody else is recovering.

**Undo**: chain data that was moved aside is kept beside the new one, with the time in its name. "quarantine --lift" puts the node back as it is.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 901', allowedPattern: patterns.chain },
    Node: { field: 'node', as: 'text', description: 'The node; it must not sequence', allowedPattern: patterns.node },
    DryRun: { field: 'dryRun', as: 'boolean', description: 'Only name the damage', default: 'false' },
  },
  dangerous: true,
  define: defineCrashRecovery,
}
