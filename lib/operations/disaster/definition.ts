import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { unlessDryRun } from '../engine/dry-run.ts'

/** A return takes thousands of blocks over, in one call. */
const ACT_SECONDS = 880

/**
 * One act that brings a chain back by hand. Input: `{chain, kind, hash, node?, againstVote?, by?, dryRun?}`.
 * What is left of the chain, with the vote, is in `$.left`, whether it is done or not. The act is called once.
 */
export function defineDisaster(task: TaskFunction): Definition {
  const states = { ...prepare, ...look(task), ...act(task), ...endings }
  return { Comment: 'Baton: disaster', StartAt: 'Prepare', TimeoutSeconds: 1_500, States: states }
}

/** What is added to the input for each call of the function, which reads the fields it knows. */
const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: { survey: { step: 'survey' }, act: { step: 'act' }, see: { step: 'see' } },
    ResultPath: '$.steps',
    Next: 'Look what is left',
  },
}

const look = (task: TaskFunction): Record<string, State> => ({
  'Look what is left': call({
    task,
    payload: 'States.JsonMerge($, $.steps.survey, false)',
    resultPath: '$.left',
    seconds: 120,
    next: 'Dry run?',
    onError: 'Not looked',
  }),
  'Dry run?': unlessDryRun('Would act', 'Confirmed?'),
  'Confirmed?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.left.value.outcome', StringEquals: 'confirmed', Next: 'Act' }],
    Default: 'Refused',
  },
})

const act = (task: TaskFunction): Record<string, State> => ({
  Act: call({
    task,
    payload: 'States.JsonMerge($, $.steps.act, false)',
    resultPath: '$.acted',
    seconds: ACT_SECONDS,
    next: 'See what came of it',
    onError: 'Not done',
    once: true,
  }),
  'See what came of it': call({
    task,
    payload: 'States.JsonMerge($, $.steps.see, false)',
    resultPath: '$.seen',
    seconds: 120,
    next: 'Done',
    onError: 'Not seen',
  }),
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Would act': { Type: 'Succeed', Comment: 'Dry run: nothing was changed; what is left is in the output' },
  Done: { Type: 'Succeed', Comment: 'It was done, and what it is for was seen' },
  Refused: { Type: 'Fail', Comment: 'Nothing was changed', Error: 'DisasterRefused', CausePath: '$.left.value.told' },
  'Not looked': { Type: 'Fail', Error: 'DisasterNotLooked', CausePath: '$.error.Cause' },
  'Not done': {
    Type: 'Fail',
    Comment: 'The cause and the history tell how far it came: look before you do it again',
    Error: 'DisasterNotDone',
    CausePath: '$.error.Cause',
  },
  'Not seen': {
    Type: 'Fail',
    Comment: 'It was done, and what it is for was not seen',
    Error: 'DisasterNotSeen',
    CausePath: '$.error.Cause',
  },
}
