import { Lazy, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import type { CfnDocument } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import {
  type AutomationDocument,
  abortDocument,
  actDocument,
  type DocumentContext,
  startDocument,
  watchDocument,
} from '../operations/engine/documents.ts'
import type { Operation } from './operation.ts'
import { createDocument } from './ssm-document.ts'

export type DocumentsProps = {
  readonly operations: readonly Operation[]
  /** Applies operators' acts. */
  readonly act: IFunction
  /** Prefix of the documents' names: `Baton-prod` makes `Baton-prod-Switchover`. */
  readonly prefix: string
  /** ARNs of IAM users or roles; one of them must approve before a dangerous operation starts. None = no approval. */
  readonly approvers: readonly string[]
}

/** What the console's lists ask; IAM has no resource for it. */
const listing = () =>
  new PolicyStatement({
    actions: ['ssm:DescribeAutomationExecutions', 'ssm:DescribeAutomationStepExecutions', 'ssm:ListDocuments'],
    resources: ['*'],
  })

/**
 * The operations in the Systems Manager console: for each, one document that starts it, one that watches it and one
 * that aborts it.
 */
export class OperationDocuments extends Construct {
  readonly role: Role
  /** Notifies the approvers. Systems Manager requires a name that begins with `Automation`. */
  readonly approvals: Topic | undefined
  /** The document that starts each operation, by name. */
  readonly starts: { readonly operation: string; readonly document: string }[] = []
  readonly #documents: CfnDocument[] = []
  readonly #act: IFunction
  readonly #prefix: string
  readonly #approval: DocumentContext['approval']

  constructor(scope: Construct, id: string, { operations, act, prefix, approvers }: DocumentsProps) {
    super(scope, id)
    this.#act = act
    this.#prefix = prefix
    this.role = this.#createRole(act)
    this.approvals = approvers.length > 0 ? this.#createTopic(prefix) : undefined
    this.#approval = this.approvals && { topicArn: this.approvals.topicArn, approvers }
    for (const operation of operations) this.add(operation)
    this.#create('Act', actDocument({ assumeRole: this.role.roleArn, actFunctionArn: act.functionArn }))
  }

  /** Adds an operation: the documents that start, watch and abort it, and the rights for that. */
  add(added: Operation): void {
    const { operation, stateMachine } = added
    const context: DocumentContext = {
      assumeRole: this.role.roleArn,
      approval: this.#approval,
      actFunctionArn: this.#act.functionArn,
      stateMachineArn: stateMachine.stateMachineArn,
      executions: added.executionArn(''),
    }
    const start = new PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [stateMachine.stateMachineArn],
    })
    this.role.addToPolicy(start)
    this.role.addToPolicy(added.executionStatement())
    const { name } = operation
    this.#create(name, startDocument(operation, context))
    this.starts.push({ operation: name, document: `${this.#prefix}-${name}` })
    this.#create(`Watch${name}`, watchDocument(operation, context))
    this.#create(`Abort${name}`, abortDocument(operation, context))
  }

  /**
   * Lets a grantee run the documents, find and follow their executions in the console, and stop them. Grantees can pass
   * the documents' role to SSM only. With approvers they cannot approve: see {@link grantApprove}.
   *
   * AWS asks for the document and the execution; before 2026 it asked for the automation definition. All three are
   * named, so that either way a start is allowed.
   */
  grantStart(grantee: IGrantable): void {
    const documents = Lazy.list({ produce: () => this.#documents.map(({ ref }) => this.#arn('document', ref)) })
    const executions = this.#arn('automation-execution', '*')
    const statements = [
      new PolicyStatement({
        actions: ['ssm:StartAutomationExecution', 'ssm:GetDocument', 'ssm:DescribeDocument'],
        resources: documents,
      }),
      new PolicyStatement({
        actions: ['ssm:StartAutomationExecution'],
        // A pattern, so that a managed policy holds it all. Another Baton's document needs the right to pass its role.
        resources: [this.#arn('automation-definition', `${this.#prefix}-*:*`)],
      }),
      new PolicyStatement({
        actions: ['ssm:StartAutomationExecution', 'ssm:GetAutomationExecution', 'ssm:StopAutomationExecution'],
        resources: [executions],
      }),
      listing(),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      }),
    ]
    for (const statement of statements) grantee.grantPrincipal.addToPrincipalPolicy(statement)
  }

  /**
   * Lets a grantee approve or reject what waits for an approval. Grant it and {@link grantStart} to different people:
   * Systems Manager lets one who has both approve their own request.
   */
  grantApprove(grantee: IGrantable): void {
    const signal = new PolicyStatement({
      actions: ['ssm:GetAutomationExecution', 'ssm:SendAutomationSignal'],
      resources: [this.#arn('automation-execution', '*')],
    })
    for (const statement of [signal, listing()]) grantee.grantPrincipal.addToPrincipalPolicy(statement)
  }

  #arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'ssm', resource, resourceName })
  }

  #create(id: string, content: AutomationDocument): void {
    const document = createDocument(this, id, { name: `${this.#prefix}-${id}`, content, documentType: 'Automation' })
    this.#documents.push(document)
  }

  #createRole(act: IFunction): Role {
    const { account } = Stack.of(this)
    const role = new Role(this, 'Role', {
      description: 'Baton: what its Automation documents do',
      assumedBy: new ServicePrincipal('ssm.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    })
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [act.functionArn] }))
    return role
  }

  #createTopic(prefix: string): Topic {
    const topic = new Topic(this, 'Approvals', { topicName: `Automation-${prefix}-Approvals`, enforceSSL: true })
    topic.grantPublish(this.role)
    return topic
  }
}
