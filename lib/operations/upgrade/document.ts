import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineUpgrade } from './definition.ts'

/** A rolling upgrade. */
export const upgrade: WorkflowSpec = {
  name: 'Upgrade',
  handler: 'upgrade',
  handlerSeconds: 85,
  guide: `Upgrades every node of a chain, one at a time, the leader last.

**What it does**: takes a standby out of eligibility, runs the step "upgrade" on its machine, waits until it is fit and at the head, puts it back; then the next one. Then moves the lead to an upgraded node, sees it lead for a while, and upgrades the old leader. Not begun while the chain is not well, while another upgrade is under way, while somebody keeps a node out of eligibility, or while no standby could take over meanwhile.

**When it fails**: it stops at the first node that does not come back. That node stays out of eligibility, the others go on, and the history tells why. Repair it, then start this again with Resume; or put it back: "baton quarantine NODE --lift".

**Undo**: install the old version the same way.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 901', allowedPattern: patterns.chain },
    Version: {
      field: 'to',
      as: 'text',
      description: "The version, as the machines' step takes it",
      allowedPattern: patterns.version,
    },
    Expect: {
      field: 'expect',
      as: 'text',
      description: "Text a node's version must contain afterwards; a node that has it already is left alone",
      default: '',
      allowedPattern: patterns.versionOrNothing,
    },
    Resume: {
      field: 'resume',
      as: 'boolean',
      description: 'Go on with an upgrade to this version that stopped',
      default: 'false',
    },
    Alone: {
      field: 'alone',
      as: 'boolean',
      description: 'Although no other standby could take over meanwhile',
      default: 'false',
    },
    DryRun: {
      field: 'dryRun',
      as: 'boolean',
      description: 'Only tell the plan, and what is in its way',
      default: 'false',
    },
  },
  dangerous: true,
  onAbort: { act: 'withdraw' },
  define: defineUpgrade,
}
