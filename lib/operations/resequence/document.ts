import * as v from 'valibot'
import { chain, confirmation, type Document, flag, type InputOf, inputOf, patterns } from '../engine/document.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { ResequenceRequest } from './request.ts'

const acts = ['begin', 'resume', 'restore'] as const
const origins = ['stream', 'l1'] as const
const decimal = v.pipe(
  v.string('must be a batch number'),
  v.regex(/^[1-9]\d{0,17}$/, 'must be a batch number'),
  v.transform((digits) => BigInt(digits)),
)

const fields = {
  chain: chain('1101'),
  act: {
    description: 'What to do',
    schema: v.optional(v.picklist(acts, 'must be begin, resume or restore'), 'begin'),
    console: { default: 'begin', allowedValues: acts },
  },
  batch: {
    description: 'begin, restore: the last batch that is kept',
    schema: v.optional(v.pipe(v.string(), v.regex(/^(\d{1,18})?$/, 'must be a batch number')), ''),
    console: { default: '', allowedPattern: patterns.numberOrNothing },
  },
  hash: confirmation('begin, restore: the hash of its last block, as confirmation; the plan shows it'),
  from: {
    description: "Rebuild from the node's data stream, or from L1",
    schema: v.optional(v.picklist(origins, 'must be stream or l1'), 'stream'),
    console: { default: 'stream', allowedValues: origins },
  },
  bad: {
    description: 'With From l1: batches to leave out, e.g. 71,74',
    schema: v.pipe(
      v.optional(v.string('must be batch numbers with commas'), ''),
      v.transform((list) => (list === '' ? [] : list.split(','))),
      v.array(decimal),
    ),
    console: { default: '', allowedPattern: patterns.numbersOrNothing },
  },
  strict: flag('The same blocks and batches to the last byte; false after a lower counter limit', true),
  reuse: flag("Keep each block's L1 info index", true),
  dryRun: flag('Only show the plan', true),
}

/** The parsed input of a re-sequencing. */
export type ResequenceInput = InputOf<typeof fields>
export const resequenceInput = inputOf(fields)

/** The kept batch. @throws InvalidInputError */
export function batchOf({ batch }: Pick<ResequenceInput, 'batch'>): bigint {
  if (batch !== '') return BigInt(batch)
  throw new InvalidInputError(['batch: must be the last batch that is kept'])
}

/** The kept batch with its confirmation. @throws InvalidInputError */
export function keepOf(input: Pick<ResequenceInput, 'batch' | 'hash'>): ResequenceRequest['keep'] {
  const { hash = '' } = input
  if (/^0x[0-9a-f]{64}$/.test(hash)) return { batch: batchOf(input), hash: hash as `0x${string}` }
  throw new InvalidInputError(['hash: must be the hash of the last block of the kept batch, as the plan shows it'])
}

/** Re-sequencing of a cdk-erigon chain, in the console. */
export const resequenceDocument: Document = {
  guide: `Rebuilds the batches of a cdk-erigon chain after a kept one, step by step, and claims success only when nine predicates hold. With DryRun, the default, it shows the plan with the hash to confirm. The chain stands still meanwhile.

- **begin**: do it. Batch is the last one that is kept, Hash that of its last block.
- **resume**: continue the run that has not ended, after you have removed the cause of its failure.
- **restore**: go back from it, with the same Batch and Hash: the backup is restored.

**When it waits for a person**: if L1 has later batches, the output of its last state names the transaction that the rollup's admin has to send. The run resumes when that is final on L1.

**When it fails**: the cause says whether to resume or to restore. Never start the node by hand before that: it would drop the batches it has not built.

**An abort** ends the execution, not what runs on the machine: resume follows it, restore undoes it.`,
  fields,
  dangerous: true,
}
