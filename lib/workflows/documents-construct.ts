import { Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { CfnDocument } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import type { Workflow } from './construct.ts'
import {
  type AutomationDocument,
  abortDocument,
  actDocument,
  type DocumentContext,
  startDocument,
  watchDocument,
} from './documents.ts'

export type DocumentsProps = {
  readonly workflows: readonly Workflow[]
  /** Carries out operators' acts. */
  readonly act: IFunction
  /** Before the names of the documents: `Baton-prod` makes `Baton-prod-Switchover`. */
  readonly prefix: string
  /** ARNs of IAM users or roles of whom one must agree before a dangerous workflow starts. None = nobody is asked. */
  readonly approvers: readonly string[]
}

/** The workflows in the console of Systems Manager: for each, one document that starts, one that watches and one that aborts it. */
export class WorkflowDocuments extends Construct {
  readonly role: Role
  readonly documents: readonly CfnDocument[]
  /** Where approvers are told. Systems Manager demands that its name begins with `Automation`. */
  readonly approvals: Topic | undefined

  constructor(scope: Construct, id: string, { workflows, act, prefix, approvers }: DocumentsProps) {
    super(scope, id)
    this.role = this.#createRole(workflows, act)
    this.approvals = approvers.length > 0 ? this.#createTopic(prefix) : undefined
    const approval = this.approvals && { topicArn: this.approvals.topicArn, approvers }
    const { roleArn: assumeRole } = this.role
    const ofWorkflows = workflows.flatMap((workflow) => {
      const { spec, stateMachine } = workflow
      const context: DocumentContext = {
        assumeRole,
        approval,
        actFunctionArn: act.functionArn,
        stateMachineArn: stateMachine.stateMachineArn,
        executions: workflow.executionArn(''),
      }
      return [
        this.#create(prefix, spec.name, startDocument(spec, context)),
        this.#create(prefix, `Watch${spec.name}`, watchDocument(spec, context)),
        this.#create(prefix, `Abort${spec.name}`, abortDocument(spec, context)),
      ]
    })
    const acts = actDocument({ assumeRole, actFunctionArn: act.functionArn })
    this.documents = [...ofWorkflows, this.#create(prefix, 'Act', acts)]
  }

  /** Lets somebody run the documents, and see and stop what runs. They pass the documents' role on, to nobody but SSM. */
  grantStart(grantee: IGrantable): void {
    const stack = Stack.of(this)
    const ssm = (resource: string, resourceName: string) => stack.formatArn({ service: 'ssm', resource, resourceName })
    const definitions = this.documents.map(({ ref }) => ssm('automation-definition', `${ref}:*`))
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

  #create(prefix: string, id: string, content: AutomationDocument): CfnDocument {
    return new CfnDocument(this, id, {
      name: `${prefix}-${id}`,
      content,
      documentType: 'Automation',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
    })
  }

  #createRole(workflows: readonly Workflow[], act: IFunction): Role {
    const { account } = Stack.of(this)
    const role = new Role(this, 'Role', {
      description: 'Baton: what its Automation documents do',
      assumedBy: new ServicePrincipal('ssm.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    })
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [act.functionArn] }))
    for (const workflow of workflows) {
      role.addToPolicy(
        new PolicyStatement({
          actions: ['states:StartExecution'],
          resources: [workflow.stateMachine.stateMachineArn],
        }),
      )
      role.addToPolicy(workflow.executionStatement())
    }
    return role
  }

  #createTopic(prefix: string): Topic {
    const topic = new Topic(this, 'Approvals', { topicName: `Automation-${prefix}-Approvals`, enforceSSL: true })
    topic.grantPublish(this.role)
    return topic
  }
}
