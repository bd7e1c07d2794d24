import { atMost } from '../engine/at-most.ts'
import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { unlessDryRun } from '../engine/dry-run.ts'

/** Slices of four minutes or more: a day. */
const MOST_SLICES = 360
/** A slice ends within these; the stop of a node that hears nothing takes seven minutes of it. */
const SLICE_SECONDS = 890

/**
 * Builds the batches of a cdk-erigon chain anew, in slices. Input: `{chain, act, batch, hash, from?, bad?,
 * strict?, reuse?, by?, dryRun?}`. No state is carried but the count of slices: the run's journal tells how far
 * it is. A dry run ends after the plan.
 */
export function defineResequence(task: TaskFunction): Definition {
  const states = { ...prepare, ...plan(task), ...carry(task), ...endings }
  return { Comment: 'Baton: re-sequencing', StartAt: 'Prepare', TimeoutSeconds: 90_000, States: states }
}

/** What is added to the input for each call of the function, which reads the fields it knows. */
const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: {
      plan: { step: 'plan' },
      // All slices are one carrier's; two executions are two.
      carry: { step: 'carry', 'execution.$': '$$.Execution.Name' },
      slices: { n: 0 },
    },
    ResultPath: '$.steps',
    Next: 'Plan',
  },
}

const plan = (task: TaskFunction): Record<string, State> => ({
  Plan: call({
    task,
    payload: 'States.JsonMerge($, $.steps.plan, false)',
    resultPath: '$.planned',
    seconds: 180,
    next: 'Dry run?',
    onError: 'Not planned',
  }),
  'Dry run?': unlessDryRun('Would carry out', 'Confirmed?'),
  'Confirmed?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.planned.value.outcome', StringEquals: 'confirmed', Next: 'Carry it on' }],
    Default: 'Refused',
  },
})

const carry = (task: TaskFunction): Record<string, State> => ({
  'Carry it on': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.planned.value, false), $.steps.carry, false)',
    resultPath: '$.carried',
    seconds: SLICE_SECONDS,
    next: 'Over?',
    onError: 'Stopped',
  }),
  'Over?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.carried.value.done', BooleanEquals: true, Next: 'Done' }],
    Default: 'Count the slices',
  },
  ...atMost(MOST_SLICES, { counter: 'slices', count: 'Count the slices', enough: 'Sliced enough?' }, 'Carry it on'),
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Would carry out': { Type: 'Succeed', Comment: 'Dry run: nothing was changed; the plan is in the output' },
  Done: { Type: 'Succeed', Comment: 'Every required predicate holds and the chain goes on; or it is back as it was' },
  Refused: {
    Type: 'Fail',
    Comment: 'Nothing was changed',
    Error: 'ResequenceRefused',
    CausePath: '$.planned.value.told',
  },
  Unfinished: {
    Type: 'Fail',
    Error: 'ResequenceUnfinished',
    Cause: 'Not done after a day. Nothing was undone: start it again with the act "resume", or "restore".',
  },
  'Not planned': { Type: 'Fail', Error: 'ResequenceNotPlanned', CausePath: '$.error.Cause' },
  Stopped: {
    Type: 'Fail',
    Comment: 'The cause tells whether to resume or to restore; docs/resequence.md',
    Error: 'ResequenceStopped',
    CausePath: '$.error.Cause',
  },
}
