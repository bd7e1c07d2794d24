import { atMost } from '../engine/at-most.ts'
import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { unlessDryRun } from '../engine/dry-run.ts'

/** Slices of 35 s plugging each: some three hours in all. */
const MOST_SLICES = 240

/**
 * Gives a node the committed blocks it lacks, in slices. Input: `{chain, node, from?, to?, by?, dryRun?}`.
 * No state is carried but the count of slices: the node tells how far it is. A dry run ends after the plan.
 */
export function defineBackfill(task: TaskFunction): Definition {
  const states = { ...prepare, ...plan(task), ...plug(task), ...endings }
  return { Comment: 'Baton: backfill', StartAt: 'Prepare', TimeoutSeconds: 14_400, States: states }
}

/** What is added to the input for each call of the function, which reads the fields it knows. */
const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: { plan: { step: 'plan' }, slice: { step: 'slice' }, slices: { n: 0 } },
    ResultPath: '$.steps',
    Next: 'Plan',
  },
}

const plan = (task: TaskFunction): Record<string, State> => ({
  Plan: call({
    task,
    payload: 'States.JsonMerge($, $.steps.plan, false)',
    resultPath: '$.planned',
    seconds: 70,
    next: 'Anything missing?',
    onError: 'Not planned',
  }),
  'Anything missing?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.planned.value.missing', BooleanEquals: false, Next: 'Nothing missing' }],
    Default: 'Dry run?',
  },
  'Dry run?': unlessDryRun('Would plug', 'Plug a slice'),
})

const plug = (task: TaskFunction): Record<string, State> => ({
  'Plug a slice': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.steps.slices, false), $.steps.slice, false)',
    resultPath: '$.sliced',
    seconds: 70,
    next: 'Done?',
    onError: 'Not plugged',
  }),
  'Done?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.sliced.value.done', BooleanEquals: true, Next: 'Plugged' }],
    Default: 'Count the slices',
  },
  ...atMost(MOST_SLICES, { counter: 'slices', count: 'Count the slices', enough: 'Sliced enough?' }, 'Plug a slice'),
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Nothing missing': { Type: 'Succeed', Comment: 'The node has every committed block, with the state of the newest' },
  'Would plug': { Type: 'Succeed', Comment: 'Dry run: nothing was changed' },
  Plugged: { Type: 'Succeed', Comment: 'The newest block asked for was seen to be there, with its state' },
  Unfinished: {
    Type: 'Fail',
    Error: 'BackfillUnfinished',
    Cause: 'Not done after three hours. What was plugged stays: start it again, it goes on from there.',
  },
  'Not planned': { Type: 'Fail', Error: 'BackfillNotPlanned', CausePath: '$.error.Cause' },
  'Not plugged': { Type: 'Fail', Error: 'BackfillNotPlugged', CausePath: '$.error.Cause' },
}
