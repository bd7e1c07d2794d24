import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { storeParameter } from '../config/parameter-names.ts'
import type { Baton } from './baton.ts'
import { parameterArn } from './parameters.ts'
import type { Resequencing } from './resequence.ts'

export type OperatorPoliciesProps = {
  readonly baton: Baton
  /** Operators may run it too; absent without cdk-erigon chains. */
  readonly resequencing?: Resequencing | undefined
}

/**
 * The rights of the people around one Baton, to attach to roles or permission sets. They have no names of their own: the
 * outputs name them.
 */
export class OperatorPolicies extends Construct {
  /** See everything: page, alarms, graphs, logs, runbooks. */
  readonly viewer: ManagedPolicy
  /** {@link Baton.grantOperate}: the buttons, and the operations in the console. */
  readonly operator: ManagedPolicy
  /** Every command of `baton` but the steps on a machine. */
  readonly cli: ManagedPolicy
  /** {@link Baton.grantApprove}; absent without approvers. */
  readonly approver: ManagedPolicy | undefined

  constructor(scope: Construct, id: string, { baton, resequencing }: OperatorPoliciesProps) {
    super(scope, id)
    this.viewer = new ManagedPolicy(this, 'Viewer', { statements: viewing(baton) })
    baton.grantView(this.viewer)
    this.operator = new ManagedPolicy(this, 'Operator')
    baton.grantOperate(this.operator)
    resequencing?.grantOperate(this.operator)
    this.cli = new ManagedPolicy(this, 'Cli', { statements: commanding(baton) })
    this.approver = baton.documents?.approvals && new ManagedPolicy(this, 'Approver')
    if (this.approver) baton.grantApprove(this.approver)
  }
}

function viewing({ dashboard, dashboardName, runbooks, monitor, gate, archiver, act, widget, operations }: Baton) {
  const stack = Stack.of(act)
  const page = { service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: dashboardName }
  const logs = [monitor, gate, archiver, act, widget, ...operations].flatMap((part) =>
    part ? [part.function.logGroup.logGroupArn] : [],
  )
  return [
    ...(dashboard
      ? [new PolicyStatement({ actions: ['cloudwatch:GetDashboard'], resources: [stack.formatArn(page)] })]
      : []),
    new PolicyStatement({
      actions: ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
      resources: logs,
    }),
    // What the console's lists and graphs ask has no narrower resource.
    new PolicyStatement({
      actions: [
        ...['DescribeAlarmHistory', 'DescribeAlarms', 'GetMetricData', 'ListDashboards', 'ListMetrics'].map(
          (action) => `cloudwatch:${action}`,
        ),
        'logs:DescribeLogGroups',
        'logs:GetQueryResults',
      ],
      resources: ['*'],
    }),
    ...(runbooks
      ? [
          new PolicyStatement({
            actions: ['ssm:DescribeDocument', 'ssm:GetDocument', 'ssm:ListDocumentVersions'],
            resources: [stack.formatArn({ service: 'ssm', resource: 'document', resourceName: runbooks.document.ref })],
          }),
        ]
      : []),
  ]
}

/** The tables and the archive are this Baton's alone, so no statement names its chains. */
function commanding({ parameters, store: { heads, leases, history, payloads, bucket } }: Baton): PolicyStatement[] {
  const stack = Stack.of(bucket)
  const below = (name: string) => parameterArn(stack, `${parameters}/chains/*/${name}`)
  return [
    new PolicyStatement({
      actions: ['GetItem', 'PutItem', 'Query', 'UpdateItem'].map((action) => `dynamodb:${action}`),
      resources: [heads, leases, history, payloads].map(({ tableArn }) => tableArn),
    }),
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects('*/payloads/*'), bucket.arnForObjects('*/spill/*')],
    }),
    new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*/payloads/*')] }),
    new PolicyStatement({
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      // The secrets that nodes show to the gate are not among them.
      resources: [below('config'), below('nodes/*/jwt'), parameterArn(stack, storeParameter(parameters))],
    }),
  ]
}
