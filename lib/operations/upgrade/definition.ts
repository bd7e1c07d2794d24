import { call, type TaskFunction } from '../engine/call.ts'
import type { Definition, State } from '../engine/definition.ts'
import { unlessDryRun } from '../engine/dry-run.ts'
import { owner } from '../engine/owner.ts'

/** A call waits for 40 s at most, and looks at every node before and after. */
const SECONDS = 90

/**
 * A rolling upgrade, one thing at a time. Input: `{chain, to, expect?, resume?, alone?, within?, bake?, by?,
 * dryRun?}`. `$.at.value` is what the function returned last, and is handed again. A node that was taken out
 * and does not come back stays out, however this ends.
 */
export function defineUpgrade(task: TaskFunction): Definition {
  const states = { ...prepare, ...plan(task), ...loop(task), ...node(task), ...lead(task), ...close(task), ...endings }
  return { Comment: 'Baton: rolling upgrade', StartAt: 'Prepare', TimeoutSeconds: 21_600, States: states }
}

/** The states that call the function, each with its step: what is added to the input for that call. */
const steps = {
  Plan: 'plan',
  Begin: 'begin',
  'Find the next step': 'next',
  'Take the node out': 'take-out',
  Install: 'install',
  'See it installed': 'installed',
  'See it fit': 'fit',
  'Put the node back': 'put-back',
  'Ask for the lead': 'ask-lead',
  'See it lead': 'lead',
  'See it last': 'last',
  Finish: 'finish',
  Stop: 'stop',
} as const

type Called = keyof typeof steps

/** A name that JSONPath takes without quotes. */
const keyOf = (step: string) => step.replace('-', '_')

const prepare: Record<string, State> = {
  Prepare: {
    Type: 'Pass',
    Parameters: Object.fromEntries(Object.values(steps).map((step) => [keyOf(step), { step, ...owner }])),
    ResultPath: '$.steps',
    Next: 'Plan',
  },
}

/** A call of the function, handed what it returned last; a failure stops the upgrade. */
function taking(task: TaskFunction, state: Called, next: string, more: { onError?: string; once?: true } = {}) {
  const step = `$.steps.${keyOf(steps[state])}`
  const soFar = state === 'Plan' ? '$' : 'States.JsonMerge($, $.at.value, false)'
  const payload = `States.JsonMerge(${soFar}, ${step}, false)`
  return { [state]: call({ task, payload, resultPath: '$.at', seconds: SECONDS, next, onError: 'Stop', ...more }) }
}

/** Goes by what came of the last call. */
function by(outcomes: Readonly<Record<string, string>>, Default: string): State {
  const Choices = Object.entries(outcomes).map(([outcome, Next]) => {
    return { Variable: '$.at.value.outcome', StringEquals: outcome, Next }
  })
  return { Type: 'Choice', Choices, Default }
}

const plan = (task: TaskFunction): Record<string, State> => ({
  ...taking(task, 'Plan', 'Anything in the way?', { onError: 'Not planned' }),
  'Anything in the way?': by({ held: 'Held', 'nothing-to-do': 'Nothing to do' }, 'Dry run?'),
  'Dry run?': unlessDryRun('Would upgrade', 'Begin'),
  // A second call would find an upgrade under way: the first one's.
  ...taking(task, 'Begin', 'Find the next step', { onError: 'Not begun', once: true }),
})

const loop = (task: TaskFunction): Record<string, State> => ({
  ...taking(task, 'Find the next step', 'What is next?'),
  'What is next?': by({ upgrade: 'Take the node out', switchover: 'Ask for the lead' }, 'Finish'),
})

const node = (task: TaskFunction): Record<string, State> => ({
  ...taking(task, 'Take the node out', 'Install'),
  // What a call began that was not answered, nobody knows: a person looks.
  ...taking(task, 'Install', 'See it installed', { once: true }),
  ...taking(task, 'See it installed', 'Installed?'),
  'Installed?': by({ installed: 'See it fit' }, 'See it installed'),
  ...taking(task, 'See it fit', 'Fit?'),
  'Fit?': by({ fit: 'Put the node back' }, 'See it fit'),
  ...taking(task, 'Put the node back', 'Find the next step'),
})

const lead = (task: TaskFunction): Record<string, State> => ({
  ...taking(task, 'Ask for the lead', 'See it lead'),
  ...taking(task, 'See it lead', 'See it last'),
  ...taking(task, 'See it last', 'Did it last?'),
  'Did it last?': by({ lasted: 'Find the next step' }, 'See it last'),
})

const close = (task: TaskFunction): Record<string, State> => ({
  ...taking(task, 'Finish', 'Upgraded'),
  ...taking(task, 'Stop', 'Stopped', { onError: 'Stopped' }),
})

/** Each end has a name of its own: it is what an operator sees in red or green. */
const endings: Record<string, State> = {
  'Nothing to do': { Type: 'Succeed', Comment: 'Every node is upgraded already' },
  'Would upgrade': { Type: 'Succeed', Comment: 'Dry run: nothing was changed' },
  Upgraded: { Type: 'Succeed', Comment: 'Every node is upgraded, and was seen fit afterwards' },
  Held: { Type: 'Fail', Error: 'UpgradeNotBegun', CausePath: '$.at.value.told' },
  'Not planned': { Type: 'Fail', Error: 'UpgradeNotPlanned', CausePath: '$.error.Cause' },
  'Not begun': { Type: 'Fail', Error: 'UpgradeNotBegun', CausePath: '$.error.Cause' },
  Stopped: { Type: 'Fail', Error: 'UpgradeStopped', CausePath: '$.error.Cause' },
}
