import { patterns } from '../engine/patterns.ts'
import type { WorkflowSpec } from '../engine/spec.ts'
import { defineResequence } from './definition.ts'

/** Building the batches of a cdk-erigon chain anew. */
export const resequence: WorkflowSpec = {
  name: 'Resequence',
  handler: 'resequence',
  handlerSeconds: 880,
  guide: `Builds the batches of a cdk-erigon chain after a kept one anew, step by step, and claims success only when nine predicates hold. With DryRun, the default, it tells the plan with the hash to confirm. The chain stands still meanwhile.

- **begin**: do it. Batch is the last one that is kept, Hash that of its last block.
- **resume**: go on with the run that is not over, after a failure that was mended.
- **restore**: go back from it, with the same Batch and Hash: the backup is put back.

**When it waits for a person**: if L1 has later batches, the output of its last state names the transaction that the rollup's admin has to send. It goes on by itself when that is final on L1.

**When it fails**: the cause says whether to resume or to restore. Never start the node by hand before that: it would drop the batches it has not built.

**An abort** ends the execution, not what runs on the machine: resume follows it, restore undoes it.`,
  parameters: {
    Chain: { field: 'chain', as: 'text', description: 'The chain id, e.g. 1101', allowedPattern: patterns.chain },
    Act: {
      field: 'act',
      as: 'text',
      description: 'What to do',
      default: 'begin',
      allowedValues: ['begin', 'resume', 'restore'],
    },
    Batch: {
      field: 'batch',
      as: 'text',
      description: 'begin, restore: the last batch that is kept',
      default: '',
      allowedPattern: patterns.numberOrNothing,
    },
    Hash: {
      field: 'hash',
      as: 'text',
      description: 'begin, restore: the hash of its last block, as confirmation; the plan shows it',
      default: '',
      allowedPattern: patterns.hashOrNothing,
    },
    From: {
      field: 'from',
      as: 'text',
      description: "Rebuild from the node's data stream, or from L1",
      default: 'stream',
      allowedValues: ['stream', 'l1'],
    },
    Bad: {
      field: 'bad',
      as: 'text',
      description: 'With From l1: batches to leave out, e.g. 71,74',
      default: '',
      allowedPattern: patterns.numbersOrNothing,
    },
    Strict: {
      field: 'strict',
      as: 'boolean',
      description: 'The same blocks and batches to the last byte; false after a lower counter limit',
      default: 'true',
    },
    Reuse: { field: 'reuse', as: 'boolean', description: "Keep each block's L1 info index", default: 'true' },
    DryRun: { field: 'dryRun', as: 'boolean', description: 'Only tell the plan', default: 'true' },
  },
  dangerous: true,
  define: defineResequence,
}
