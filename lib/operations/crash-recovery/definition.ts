import { atMost } from '../engine/at-most.ts'
import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { owner } from '../engine/owner.ts'

/** One method may restart a client twice or fill a long hole; a hole that takes longer goes on in the next. */
const METHOD_SECONDS = 880

/** How often a minute is waited for what the alarm asks for to be no longer refused. */
const MOST_TRIES = 60

/**
 * Brings a node back after a crash, one method at a time. Input: `{chain, node, by?, dryRun?}`; without a
 * node, all that a monitor asks for, one after the other. `$.at.value` is how far it is: what the function
 * returned last, and is handed again.
 */
export function defineCrashRecovery(task: TaskFunction): Definition {
  const states = {
    ...prepare,
    ...pick(task),
    ...begin(task),
    ...again,
    ...climb(task),
    ...verify(task),
    ...fail(task),
    ...endings,
  }
  return { Comment: 'Baton: crash recovery', StartAt: 'Prepare', TimeoutSeconds: 10_800, States: states }
}

/** What is added to the input for each call of the function, which reads the fields it knows. */
const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: {
      pick: { step: 'pick' },
      picked: { value: {} },
      begin: { step: 'begin', ...owner },
      climb: { step: 'climb', ...owner },
      verify: { step: 'verify', ...owner },
      giveUp: { step: 'give-up', ...owner },
      tries: { n: 0 },
    },
    ResultPath: '$.steps',
    Next: 'Is a node named?',
  },
  'Is a node named?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.node', IsPresent: true, Next: 'Name the damage' }],
    Default: 'Pick a node',
  },
}

/** Changes nothing, so that it can be asked again; what follows names the node. */
const pick = (task: TaskFunction): Record<string, State> => ({
  'Pick a node': call({
    task,
    payload: 'States.JsonMerge($, $.steps.pick, false)',
    resultPath: '$.steps.picked',
    seconds: 120,
    next: 'Any asked for?',
    onError: 'Asked by a person?',
  }),
  'Any asked for?': {
    Type: 'Choice',
    Choices: [
      { And: [nothing('$.steps.picked'), { Variable: '$.gaveUp', IsPresent: true }], Next: 'Not recovered' },
      { And: [nothing('$.steps.picked'), { Variable: '$.error.elsewhere', IsPresent: true }], Next: 'Another has it' },
      { ...nothing('$.steps.picked'), Next: 'Nothing to do' },
    ],
    Default: 'Name the damage',
  },
})

const nothing = (at: string) => ({ Variable: `${at}.value.outcome`, StringEquals: 'nothing-to-do' })

const elsewhere = { Variable: '$.at.value.outcome', StringEquals: 'elsewhere' }

const begin = (task: TaskFunction): Record<string, State> => ({
  'Name the damage': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.steps.picked.value, false), $.steps.begin, false)',
    resultPath: '$.at',
    seconds: 120,
    next: 'Anything to do?',
    onError: 'Asked by a person?',
  }),
  'Anything to do?': {
    Type: 'Choice',
    Choices: [
      { And: [nothing('$.at'), { Variable: '$.node', IsPresent: true }], Next: 'Nothing to do' },
      // It is well by now; another one may be asked for.
      { ...nothing('$.at'), Next: 'Count the try' },
      { Variable: '$.at.value.outcome', StringEquals: 'planned', Next: 'Would recover' },
      { And: [elsewhere, { Variable: '$.node', IsPresent: true }], Next: 'Another has it' },
      { ...elsewhere, Next: 'Note the other' },
    ],
    Default: 'Try the next method',
  },
  // An alarm may start two executions. The other one has this node; what else is asked for may be ours.
  'Note the other': {
    Type: 'Pass',
    Parameters: { 'Cause.$': '$.at.value.found', elsewhere: true },
    ResultPath: '$.error',
    Next: 'Count the try',
  },
})

/**
 * An alarm tells only once that it went off. What is refused now is asked for again: the last node that could
 * sequence may be repaired when another one is back. A person is answered at once.
 */
const again: Record<string, State> = {
  'Asked by a person?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.node', IsPresent: true, Next: 'Not begun' }],
    Default: 'Count the try',
  },
  ...atMost(MOST_TRIES, { counter: 'tries', count: 'Count the try', enough: 'Enough tries?' }, 'Wait a minute'),
  'Wait a minute': { Type: 'Wait', Seconds: 60, Next: 'Pick a node' },
}

const climb = (task: TaskFunction): Record<string, State> => ({
  'Try the next method': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.at.value, false), $.steps.climb, false)',
    resultPath: '$.at',
    seconds: METHOD_SECONDS,
    next: 'At the head?',
    onError: 'Give up',
  }),
  'At the head?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.at.value.outcome', StringEquals: 'at-the-head', Next: 'Prove it' }],
    Default: 'Try the next method',
  },
})

const verify = (task: TaskFunction): Record<string, State> => ({
  'Prove it': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.at.value, false), $.steps.verify, false)',
    resultPath: '$.verified',
    seconds: METHOD_SECONDS,
    next: 'One node only?',
    onError: 'Give up',
  }),
  'One node only?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.node', IsPresent: true, Next: 'Recovered' }],
    Default: 'Pick a node',
  },
})

const fail = (task: TaskFunction): Record<string, State> => ({
  'Give up': call({
    task,
    payload: 'States.JsonMerge(States.JsonMerge($, $.at.value, false), $.steps.giveUp, false)',
    resultPath: '$.toldOf',
    seconds: 60,
    next: 'This node only?',
    onError: 'This node only?',
  }),
  // It stays out: what is asked for next is another one, which need not wait for a new alarm.
  'This node only?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.node', IsPresent: true, Next: 'Not recovered' }],
    Default: 'Remember it',
  },
  'Remember it': {
    Type: 'Pass',
    Parameters: { 'cause.$': '$.error.Cause' },
    ResultPath: '$.gaveUp',
    Next: 'Pick a node',
  },
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Nothing to do': { Type: 'Succeed', Comment: 'The node works' },
  'Another has it': { Type: 'Succeed', Comment: 'Another recovery is at work on the node; nothing was changed' },
  'Would recover': { Type: 'Succeed', Comment: 'Dry run: nothing was changed' },
  Recovered: { Type: 'Succeed', Comment: 'The node was proved to work, and is eligible again' },
  'Not begun': { Type: 'Fail', Error: 'RecoveryNotBegun', CausePath: '$.error.Cause' },
  Unfinished: { Type: 'Fail', Error: 'RecoveryNotBegun', CausePath: '$.error.Cause' },
  'Not recovered': {
    Type: 'Fail',
    Comment: 'The node stays out; others that were asked for were recovered',
    Error: 'NotRecovered',
    CausePath: '$.error.Cause',
  },
}
