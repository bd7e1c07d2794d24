import { type Fields, type Parameter, patterns } from './document.ts'
import type { Graph } from './operation.ts'

/** The ARNs that a document for a single act needs. */
export type ActContext = {
  readonly assumeRole: string
  /** The function that carries out operators' acts. */
  readonly actFunctionArn: string
}

/** The ARNs that a workflow's document needs. */
export type DocumentContext = ActContext & {
  readonly stateMachineArn: string
  /** The ARN prefix of an execution, up to and including the colon before its name. */
  readonly executions: string
  /** Who must approve a dangerous workflow before it starts, and the topic that notifies them; absent = no approval. */
  readonly approval?: { readonly topicArn: string; readonly approvers: readonly string[] } | undefined
}

/** An SSM Automation document, as data. */
export type AutomationDocument = {
  readonly schemaVersion: '0.3'
  readonly description: string
  readonly assumeRole: string
  readonly parameters: Readonly<Record<string, DocumentParameter>>
  readonly mainSteps: readonly object[]
  readonly outputs?: readonly string[]
}

type DocumentParameter = {
  readonly type: 'String'
  readonly description: string
  readonly default?: string
  readonly allowedPattern?: string
  readonly allowedValues?: readonly string[]
}

/** Starts a workflow and waits for it to end. */
export function startDocument(
  { name, timeoutSeconds, document: { guide, fields, dangerous } }: Graph,
  context: DocumentContext,
): AutomationDocument {
  const parameters = parametersOf(fields)
  const { assumeRole, stateMachineArn, approval } = context
  const start = {
    name: 'Start',
    action: 'aws:executeStateMachine',
    // As long as the execution can take: otherwise it would continue unobserved.
    timeoutSeconds: timeoutSeconds + 60,
    onFailure: 'Abort',
    isEnd: true,
    inputs: { stateMachineArn, name: '{{ automation:EXECUTION_ID }}', input: renderInput(fields) },
  }
  return {
    schemaVersion: '0.3',
    description: guide,
    assumeRole,
    parameters,
    mainSteps: dangerous && approval ? [onlyToLook, approve(name, approval), start] : [start],
    outputs: ['Start.executionArn', 'Start.status', 'Start.output'],
  }
}

/**
 * Reports how far an execution has come. The first step answers for any execution. What only some executions have is
 * asked for in steps of its own, each of which may fail alone: AWS names no error of an execution that has not failed,
 * and does not document what a selector without a match does.
 */
export function watchDocument({ name }: Graph, { assumeRole, executions }: DocumentContext): AutomationDocument {
  const executionArn = `${executions}{{ Execution }}`
  const look = (step: string, Api: string, outputs: readonly object[], more: object = {}) => ({
    name: step,
    action: 'aws:executeAwsApi',
    inputs: { Service: 'stepfunctions', Api, executionArn, ...more },
    outputs,
  })
  const output = (Name: string, path: string) => ({ Name, Selector: `$.${path}`, Type: 'String' })
  const history = (step: string, path: string) => {
    const selected = { Name: step, Selector: `$.events..${path}`, Type: 'StringList' }
    return look(step, 'GetExecutionHistory', [selected], { reverseOrder: true, maxResults: 12 })
  }
  const steps = [
    look('Watch', 'DescribeExecution', [output('Status', 'status'), output('Input', 'input')]),
    history('States', 'stateEnteredEventDetails.name'),
    history('Answers', 'taskSucceededEventDetails.output'),
    look('Failure', 'DescribeExecution', [output('Error', 'error'), output('Cause', 'cause')]),
  ]
  return {
    schemaVersion: '0.3',
    description: `Shows how far an execution of ${name} is: its latest states and what its function answered, newest first, and why it failed if it did. Changes nothing.

The steps States, Answers and Failure fail when there is nothing to show: no state yet, no answer yet, no failure. That is not an error.`,
    assumeRole,
    parameters: { Execution: execution },
    mainSteps: steps.map((step, i) => ({
      ...step,
      ...(i > 0 && { onFailure: 'Continue', isCritical: false }),
      ...(i < steps.length - 1 ? { nextStep: steps[i + 1]?.name } : { isEnd: true }),
    })),
    outputs: ['Watch.Status', 'Watch.Input', 'States.States', 'Answers.Answers', 'Failure.Error', 'Failure.Cause'],
  }
}

/** Stops an execution and withdraws its pending request. */
export function abortDocument(
  { name, handlerSeconds, document: { onAbort } }: Graph,
  context: DocumentContext,
): AutomationDocument {
  const abort = {
    name: 'Abort',
    action: 'aws:executeAwsApi',
    inputs: {
      Service: 'stepfunctions',
      Api: 'StopExecution',
      executionArn: `${context.executions}{{ Execution }}`,
      error: 'Aborted',
      cause: `by ${WHO}`,
    },
  }
  return {
    schemaVersion: '0.3',
    description: `Ends an execution of ${name}: no further step begins${onAbort ? ', and what it has asked Baton for is withdrawn' : ''}.

**A step that runs is not interrupted.** It continues for up to ${minutesOf(handlerSeconds)} and may still change the chain or a node. Before you act by hand, wait that long, or see in the log of the function that the step has ended.

Ends with a warning when there is nothing left to withdraw: look at the state of the chain, it may have been carried out.`,
    assumeRole: context.assumeRole,
    parameters: { Execution: execution, ...(onAbort && { Chain: chain }) },
    mainSteps: onAbort
      ? [
          { ...abort, nextStep: 'Withdraw' },
          { ...callAct(context, 'Withdraw', onAbort.act), onFailure: 'Continue', isCritical: false },
        ]
      : [{ ...abort, isEnd: true }],
  }
}

const minutesOf = (seconds: number) => (seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`)

/** The everyday acts of operators: one document for all, with each act's name in a list. */
export function actDocument(context: ActContext): AutomationDocument {
  return {
    schemaVersion: '0.3',
    description: `Tells Baton how to treat a chain.

- **pause**: observe only; nothing is moved, whatever breaks.
- **resume**: act by itself again.
- **hold**: stay on the present leader; it is restarted, never replaced.
- **withdraw**: forget a switchover that is asked for and not carried out yet.

Who started this automation is in the history of the chain, by the automation's id.`,
    assumeRole: context.assumeRole,
    parameters: {
      Chain: chain,
      Act: { type: 'String', description: 'What to do', allowedValues: ['pause', 'resume', 'hold', 'withdraw'] },
    },
    mainSteps: [callAct(context, 'Act', '{{ Act }}')],
    outputs: ['Act.Payload'],
  }
}

function callAct({ actFunctionArn }: ActContext, name: string, act: string) {
  return {
    name,
    action: 'aws:invokeLambdaFunction',
    isEnd: true,
    timeoutSeconds: 60,
    // The call that wakes a sleeping function fails. A second call of an act that was done changes nothing.
    maxAttempts: 3,
    inputs: {
      FunctionName: actFunctionArn,
      InvocationType: 'RequestResponse',
      Payload: `{"act":"${act}","chain":"{{ Chain }}","by":"${WHO}"}`,
    },
  }
}

/** The automation is the requester; its page in the console names the person. */
const WHO = 'automation {{ automation:EXECUTION_ID }}'

const chain: DocumentParameter = {
  type: 'String',
  description: 'The chain id, e.g. 901',
  allowedPattern: patterns.chain,
}

const execution: DocumentParameter = {
  type: 'String',
  description: 'The name of the execution: for one started in this console, the id of its automation',
  allowedPattern: patterns.execution,
}

/** The parameters of a document: the fields that the console asks for. */
function parametersOf(fields: Fields): Record<string, DocumentParameter> {
  return Object.fromEntries(
    asked(fields).map(([field, parameter, description]) => [
      nameOf(field, parameter),
      toDocument(parameter, description),
    ]),
  )
}

function toDocument({ default: value, allowedPattern, allowedValues, isBoolean }: Parameter, description: string) {
  return {
    type: 'String' as const,
    description,
    ...(value !== undefined && { default: value }),
    ...(allowedPattern !== undefined && { allowedPattern }),
    ...(isBoolean ? { allowedValues: ['true', 'false'] } : allowedValues && { allowedValues }),
  }
}

function renderInput(fields: Fields): string {
  const values = asked(fields).map(([field, parameter]) => {
    const value = `{{ ${nameOf(field, parameter)} }}`
    return `"${field}":${parameter.isBoolean ? value : `"${value}"`}`
  })
  return `{${[...values, `"by":"${WHO}"`].join(',')}}`
}

const asked = (fields: Fields) =>
  Object.entries(fields).flatMap(([field, { console, description }]) =>
    console ? [[field, console, description] as const] : [],
  )

/** `dryRun` becomes `DryRun` in the console. */
const nameOf = (field: string, { name = `${field[0]?.toUpperCase()}${field.slice(1)}` }: Parameter) => name

/** A dry run changes nothing, so it needs no approval. */
const onlyToLook = {
  name: 'OnlyToLook',
  action: 'aws:branch',
  inputs: {
    Choices: [{ NextStep: 'Start', Variable: '{{ DryRun }}', StringEquals: 'true' }],
    Default: 'Approve',
  },
}

function approve(name: string, { topicArn, approvers }: NonNullable<DocumentContext['approval']>) {
  return {
    name: 'Approve',
    action: 'aws:approve',
    timeoutSeconds: 1_800,
    onFailure: 'Abort',
    nextStep: 'Start',
    inputs: {
      NotificationArn: topicArn,
      Message: `Baton: ${name} waits for an approval. Check the automation's inputs before you approve.`,
      MinRequiredApprovals: 1,
      Approvers: approvers,
    },
  }
}
