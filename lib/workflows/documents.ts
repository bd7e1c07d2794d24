import { patterns } from './patterns.ts'
import type { Parameter, WorkflowSpec } from './spec.ts'

/** The ARNs a document needs. */
export type DocumentContext = {
  readonly assumeRole: string
  readonly stateMachineArn: string
  /** The ARN of an execution without its name, ending in a colon. */
  readonly executions: string
  /** Who must agree before a dangerous workflow starts, and where they are told; absent = nobody is asked. */
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

/** Starts a workflow and waits for its end. */
export function startDocument(
  { name, guide, parameters, dangerous }: WorkflowSpec,
  context: DocumentContext,
): AutomationDocument {
  const { assumeRole, stateMachineArn, approval } = context
  const start = {
    name: 'Start',
    action: 'aws:executeStateMachine',
    timeoutSeconds: 900,
    onFailure: 'Abort',
    isEnd: true,
    inputs: { stateMachineArn, name: '{{ automation:EXECUTION_ID }}', input: renderInput(parameters) },
  }
  return {
    schemaVersion: '0.3',
    description: guide,
    assumeRole,
    parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, toDocument(value)])),
    mainSteps: dangerous && approval ? [approve(name, approval), start] : [start],
    outputs: ['Start.executionArn', 'Start.status', 'Start.output'],
  }
}

/** Tells how far an execution is. */
export function watchDocument({ name }: WorkflowSpec, { assumeRole, executions }: DocumentContext): AutomationDocument {
  const output = (Name: string, path: string) => ({ Name, Selector: `$.${path}`, Type: 'String' })
  return {
    schemaVersion: '0.3',
    description: `Tells how far an execution of ${name} is, and why it failed if it did. Changes nothing.`,
    assumeRole,
    parameters: { Execution: execution },
    mainSteps: [
      {
        name: 'Watch',
        action: 'aws:executeAwsApi',
        isEnd: true,
        inputs: { Service: 'stepfunctions', Api: 'DescribeExecution', executionArn: `${executions}{{ Execution }}` },
        outputs: [
          output('Status', 'status'),
          output('Input', 'input'),
          output('Error', 'error'),
          output('Cause', 'cause'),
        ],
      },
    ],
    outputs: ['Watch.Status', 'Watch.Input', 'Watch.Error', 'Watch.Cause'],
  }
}

/** Ends an execution. */
export function abortDocument({ name }: WorkflowSpec, { assumeRole, executions }: DocumentContext): AutomationDocument {
  return {
    schemaVersion: '0.3',
    description: `Ends an execution of ${name} where it stands.

What it has asked Baton for by then may still be carried out: look at the chain's state afterwards.`,
    assumeRole,
    parameters: { Execution: execution },
    mainSteps: [
      {
        name: 'Abort',
        action: 'aws:executeAwsApi',
        isEnd: true,
        inputs: {
          Service: 'stepfunctions',
          Api: 'StopExecution',
          executionArn: `${executions}{{ Execution }}`,
          error: 'Aborted',
          cause: 'by automation {{ automation:EXECUTION_ID }}',
        },
      },
    ],
  }
}

const execution: DocumentParameter = {
  type: 'String',
  description: 'The name of the execution: for one started in this console, the id of its automation',
  allowedPattern: patterns.execution,
}

function toDocument({ description, as, default: value, allowedPattern }: Parameter): DocumentParameter {
  return {
    type: 'String',
    description,
    ...(value !== undefined && { default: value }),
    ...(allowedPattern !== undefined && { allowedPattern }),
    ...(as === 'boolean' && { allowedValues: ['true', 'false'] }),
  }
}

/** Who asks is the automation: its page names the person. */
function renderInput(parameters: WorkflowSpec['parameters']): string {
  const fields = Object.entries(parameters).map(([key, { field, as }]) => {
    const value = `{{ ${key} }}`
    return `"${field}":${as === 'text' ? `"${value}"` : value}`
  })
  return `{${[...fields, '"by":"automation {{ automation:EXECUTION_ID }}"'].join(',')}}`
}

function approve(name: string, { topicArn, approvers }: NonNullable<DocumentContext['approval']>) {
  return {
    name: 'Approve',
    action: 'aws:approve',
    timeoutSeconds: 1_800,
    onFailure: 'Abort',
    inputs: {
      NotificationArn: topicArn,
      Message: `Baton: somebody asks for ${name}. Look at the automation's inputs before you approve.`,
      MinRequiredApprovals: 1,
      Approvers: approvers,
    },
  }
}
