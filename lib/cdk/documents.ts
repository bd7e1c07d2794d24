import { Lazy, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { CfnDocument } from 'aws-cdk-lib/aws-ssm'
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

export type DocumentsProps = {
  readonly operations: readonly Operation[]
  /** Applies operators' acts. */
  readonly act: IFunction
  /** Prefix of the documents' names: `Baton-prod` makes `Baton-prod-Switchover`. */
  readonly prefix: string
  /** ARNs of IAM users or roles; one of them must approve before a dangerous operation starts. None = no approval. */
  readonly approvers: readonly string[]
}

/**
 * The operations in the Systems Manager console: for each, one document that starts it, one that watches it and one
 * that aborts it.
 */
export class OperationDocuments extends Construct {
  readonly role: Role
  /** Notifies the approvers. Systems Manager requires a name that begins with `Automation`. */
  readonly approvals: Topic | undefined
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
    this.#create(operation.name, startDocument(operation, context))
    this.#create(`Watch${operation.name}`, watchDocument(operation, context))
    this.#create(`Abort${operation.name}`, abortDocument(operation, context))
  }

  /**
   * Lets a grantee run the documents, and see and stop executions. Grantees can pass the documents' role to SSM only.
   */
  grantStart(grantee: IGrantable): void {
    const stack = Stack.of(this)
    const ssm = (resource: string, resourceName: string) => stack.formatArn({ service: 'ssm', resource, resourceName })
    const produce = () => this.#documents.map(({ ref }) => ssm('automation-definition', `${ref}:*`))
    const definitions = Lazy.list({ produce })
    const statements = [
      new PolicyStatement({ actions: ['ssm:StartAutomationExecution'], resources: definitions }),
      new PolicyStatement({
        actions: ['ssm:GetAutomationExecution', 'ssm:StopAutomationExecution', 'ssm:SendAutomationSignal'],
        resources: [ssm('automation-execution', '*')],
      }),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [this.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      }),
    ]
    for (const statement of statements) grantee.grantPrincipal.addToPrincipalPolicy(statement)
  }

  #create(id: string, content: AutomationDocument): void {
    const document = new CfnDocument(this, id, {
      name: `${this.#prefix}-${id}`,
      content,
      documentType: 'Automation',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
    })
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
