import { atMost } from '../engine/at-most.ts'
import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { unlessDryRun } from '../engine/dry-run.ts'
import { owner } from '../engine/owner.ts'

/** How often an unfinished switchover is looked at, and how many times: two minutes in all. */
const LOOK_SECONDS = 2
const MOST_LOOKS = 60

/**
 * Moves sequencing to a named node, or to the best standby, at a block boundary. Input:
 * `{chain, to?, by?, dryRun?}`. The machine asks and watches; the monitor carries it out, and takes
 * it back if the target does not commit. A dry run ends after the check.
 */
export function defineSwitchover(task: TaskFunction): Definition {
  const states = { ...prepare, ...check(task), ...carryOut(task), ...prove(task), ...endings }
  return { Comment: 'Baton: switchover', StartAt: 'Prepare', TimeoutSeconds: 300, States: states }
}

/** What is added to the input for each call of the function, which reads the fields it knows. */
const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: {
      check: { step: 'check' },
      request: { step: 'request', ...owner },
      watch: { step: 'watch' },
      verify: { step: 'verify' },
      looks: { n: 0 },
    },
    ResultPath: '$.steps',
    Next: 'Check',
  },
}

const check = (task: TaskFunction): Record<string, State> => ({
  Check: call({
    task,
    payload: 'States.JsonMerge($, $.steps.check, false)',
    resultPath: '$.check',
    seconds: 20,
    next: 'Fit?',
    onError: 'Not checked',
  }),
  'Fit?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.check.value.fit', BooleanEquals: true, Next: 'Dry run?' }],
    Default: 'Unfit',
  },
  'Dry run?': unlessDryRun('Would switch over', 'Request'),
})

const carryOut = (task: TaskFunction): Record<string, State> => ({
  Request: call({
    task,
    payload: 'States.JsonMerge($, $.steps.request, false)',
    resultPath: '$.asked',
    seconds: 20,
    next: 'Wait',
    onError: 'Not requested',
  }),
  Wait: { Type: 'Wait', Seconds: LOOK_SECONDS, Next: 'Watch' },
  Watch: call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.asked.value, false), $.steps.watch, false)',
    resultPath: '$.watched',
    seconds: 20,
    next: 'What came of it?',
    onError: 'Not watched',
  }),
  'What came of it?': {
    Type: 'Choice',
    Choices: [
      { Variable: '$.watched.value.outcome', StringEquals: 'committed', Next: 'Verify' },
      { Variable: '$.watched.value.outcome', StringEquals: 'refused', Next: 'Refused' },
      { Variable: '$.watched.value.outcome', StringEquals: 'rolled-back', Next: 'Rolled back' },
    ],
    Default: 'Count the looks',
  },
  ...atMost(MOST_LOOKS, { counter: 'looks', count: 'Count the looks', enough: 'Looked enough?' }, 'Wait'),
})

const prove = (task: TaskFunction): Record<string, State> => ({
  Verify: call({
    task,
    payload: 'States.JsonMerge($, $.steps.verify, false)',
    resultPath: '$.verified',
    seconds: 20,
    next: 'Switched over',
    onError: 'Not verified',
  }),
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Would switch over': { Type: 'Succeed', Comment: 'Dry run: nothing was changed' },
  'Switched over': { Type: 'Succeed', Comment: 'The new leader committed a block of its own term, and two more' },
  Unfit: { Type: 'Fail', Error: 'SwitchoverRefused', CausePath: '$.check.value.reason' },
  Refused: {
    Type: 'Fail',
    Error: 'SwitchoverRefused',
    Cause: 'The monitor refused it. The history of the chain tells why.',
  },
  'Rolled back': {
    Type: 'Fail',
    Error: 'SwitchoverRolledBack',
    Cause: 'The target was granted and did not commit; another node goes on. The history of the chain tells which.',
  },
  Unfinished: {
    Type: 'Fail',
    Error: 'SwitchoverUnfinished',
    Cause: 'The request is still pending after two minutes: is the monitor running? It may yet be carried out.',
  },
  'Not checked': { Type: 'Fail', Error: 'SwitchoverNotChecked', CausePath: '$.error.Cause' },
  'Not requested': { Type: 'Fail', Error: 'SwitchoverNotRequested', CausePath: '$.error.Cause' },
  'Not verified': { Type: 'Fail', Error: 'SwitchoverNotVerified', CausePath: '$.error.Cause' },
  'Not watched': { Type: 'Fail', Error: 'SwitchoverNotWatched', CausePath: '$.error.Cause' },
}
