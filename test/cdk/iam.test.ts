import { expect, test } from 'vitest'
import { synthesize } from './app.ts'
import { list, rightsOf, rolesOf } from './roles.ts'

const template = synthesize()
const roles = rolesOf(template)

/** A role's rights, one line for each resource: what it may do with it. */
const rights = (role: string): Record<string, string> =>
  Object.fromEntries([...rightsOf(roles, role)].map(([resource, actions]) => [resource, actions.join(' ')]))

const parameter = (name: string) =>
  `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/baton/prod/chains/901/${name}`
const READ_PARAMETER = 'ssm:GetParameter ssm:GetParameters'
const LOG = 'logs:CreateLogStream logs:PutLogEvents'
const SEND = 'sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage'
/** Lambda attaches functions to a VPC with these; EC2 knows no narrower resource for them. */
const NETWORK =
  'ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses'
const TRACE = 'xray:PutTelemetryRecords xray:PutTraceSegments'
const NETWORK_AND_TRACE = `${NETWORK} ${TRACE}`
const HEADS = '<BatonStoreHeads.Arn>'
const LEASES = '<BatonStoreLeases.Arn>'
const HISTORY = '<BatonStoreHistory.Arn>'
const PAYLOADS = '<BatonStorePayloads.Arn>'
const BUCKET = '<BatonStoreArchive.Arn>'
const READ_WRITE = 'dynamodb:GetItem dynamodb:UpdateItem'
const DIARY = 'dynamodb:PutItem dynamodb:Query'
const executions = (workflow: string) =>
  `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<Baton${workflow}StateMachine.Name>:*`
const RUN = 'states:DescribeExecution states:GetExecutionHistory states:StopExecution'
// The delivery of logs is set up by the service, which knows no narrower resource; neither does X-Ray.
const MACHINE =
  'logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments'

/** What each role may do, to the letter. A right that is added must be added here, and be asked for in review. */
const expected: Record<string, Record<string, string>> = {
  BatonGateFunctionRole: {
    '<BatonGateFunctionLogs.Arn>': LOG,
    [HEADS]: READ_WRITE,
    [`${BUCKET}/901/spill/*`]: 's3:PutObject',
    [`${BUCKET}/901/sightings/*`]: 's3:PutObject',
    [parameter('config')]: READ_PARAMETER,
    [parameter('nodes/*/secrets')]: READ_PARAMETER,
    [parameter('gate/*')]: READ_PARAMETER,
    '<BatonConductorFunction.Arn>': 'lambda:InvokeFunction',
  },
  BatonConductorFunctionRole: {
    '<BatonConductorFunctionLogs.Arn>': LOG,
    '*': NETWORK,
    [HEADS]: 'dynamodb:GetItem',
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [`${BUCKET}/901/sightings/*`]: 's3:GetObject',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonSettledFunctionRole: { '<BatonSettledFunctionLogs.Arn>': LOG },
  BatonGateCanaryRole: {
    '*': 'cloudwatch:DescribeAlarms',
    '<BatonGateFunction.Arn>': 'lambda:GetAlias lambda:GetProvisionedConcurrencyConfig lambda:UpdateAlias',
    '<BatonGateFunction.Arn>:live': 'lambda:GetAlias lambda:GetProvisionedConcurrencyConfig lambda:UpdateAlias',
  },
  BatonArchiverFunctionRole: {
    '<BatonArchiverFunctionLogs.Arn>': LOG,
    '<BatonArchiverDeadLetters.Arn>': SEND,
    '<BatonStoreHeads.StreamArn>':
      'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams',
    [HEADS]: 'dynamodb:GetItem',
    [HISTORY]: 'dynamodb:PutItem',
    [PAYLOADS]: 'dynamodb:PutItem',
    [`${BUCKET}/901/spill/*`]: 's3:GetObject',
    [`${BUCKET}/901/payloads/*`]: 's3:PutObject',
    [BUCKET]: 's3:ListBucket',
  },
  BatonAnnouncerFunctionRole: {
    '<BatonAnnouncerFunctionLogs.Arn>': LOG,
    '<BatonAlarmsTicket>': 'sns:Publish',
    '<BatonStoreHistory.StreamArn>':
      'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams',
    'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default': 'events:PutEvents',
  },
  BatonMonitorFunctionRole: {
    '<BatonMonitorFunctionLogs.Arn>': LOG,
    'arn:<AWS::Partition>:events:<AWS::Region>:<AWS::AccountId>:event-bus/default': 'events:PutEvents',
    '*': NETWORK,
    [HEADS]: `dynamodb:BatchGetItem ${READ_WRITE}`,
    [LEASES]: `dynamodb:BatchGetItem ${READ_WRITE}`,
    [HISTORY]: DIARY,
    [PAYLOADS]: 'dynamodb:GetItem dynamodb:Query',
    [`${BUCKET}/901/spill/*`]: 's3:GetObject',
    [`${BUCKET}/901/payloads/*`]: 's3:GetObject',
    [`${BUCKET}/901/sightings/*`]: 's3:GetObject',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonActFunctionRole: {
    '<BatonActFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: READ_WRITE,
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [PAYLOADS]: 'dynamodb:Query',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonWidgetFunctionRole: {
    '<BatonWidgetFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: 'dynamodb:GetItem',
    [LEASES]: 'dynamodb:GetItem',
    [HISTORY]: 'dynamodb:Query',
    [PAYLOADS]: 'dynamodb:Query',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonSwitchoverFunctionRole: {
    '<BatonSwitchoverFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: 'dynamodb:GetItem',
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [parameter('config')]: READ_PARAMETER,
  },
  BatonSwitchoverRole: {
    '<BatonSwitchoverFunction.Arn>': 'lambda:InvokeFunction',
    '*': MACHINE,
  },
  BatonBackfillFunctionRole: {
    '<BatonBackfillFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: 'dynamodb:GetItem dynamodb:Query',
    [HISTORY]: 'dynamodb:PutItem',
    [PAYLOADS]: 'dynamodb:GetItem dynamodb:Query',
    [`${BUCKET}/901/spill/*`]: 's3:GetObject',
    [`${BUCKET}/901/payloads/*`]: 's3:GetObject',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
    [parameter('nodes/seq-a/jwt')]: READ_PARAMETER,
    [parameter('nodes/seq-b/jwt')]: READ_PARAMETER,
    [parameter('nodes/seq-c/jwt')]: READ_PARAMETER,
  },
  BatonBackfillRole: { '<BatonBackfillFunction.Arn>': 'lambda:InvokeFunction', '*': MACHINE },
  BatonCrashRecoveryFunctionRole: {
    '<BatonCrashRecoveryFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: 'dynamodb:GetItem dynamodb:Query',
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [PAYLOADS]: 'dynamodb:GetItem dynamodb:Query',
    [`${BUCKET}/901/spill/*`]: 's3:GetObject',
    [`${BUCKET}/901/payloads/*`]: 's3:GetObject',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
    [parameter('nodes/seq-a/jwt')]: READ_PARAMETER,
    [parameter('nodes/seq-b/jwt')]: READ_PARAMETER,
    [parameter('nodes/seq-c/jwt')]: READ_PARAMETER,
  },
  BatonCrashRecoveryRole: { '<BatonCrashRecoveryFunction.Arn>': 'lambda:InvokeFunction', '*': MACHINE },
  // Without machines in the configuration; what it may run on them: hosts.test.ts.
  BatonUpgradeFunctionRole: {
    '<BatonUpgradeFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: 'dynamodb:GetItem',
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [PAYLOADS]: 'dynamodb:Query',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonUpgradeRole: { '<BatonUpgradeFunction.Arn>': 'lambda:InvokeFunction', '*': MACHINE },
  BatonDisasterFunctionRole: {
    '<BatonDisasterFunctionLogs.Arn>': LOG,
    '*': NETWORK_AND_TRACE,
    [HEADS]: READ_WRITE,
    [LEASES]: READ_WRITE,
    [HISTORY]: DIARY,
    [PAYLOADS]: 'dynamodb:GetItem dynamodb:PutItem dynamodb:Query',
    [`${BUCKET}/901/spill/*`]: 's3:GetObject',
    [`${BUCKET}/901/payloads/*`]: 's3:GetObject s3:PutObject',
    [BUCKET]: 's3:ListBucket',
    [parameter('config')]: READ_PARAMETER,
  },
  BatonDisasterRole: { '<BatonDisasterFunction.Arn>': 'lambda:InvokeFunction', '*': MACHINE },
  BatonDocumentsRole: {
    '<BatonActFunction.Arn>': 'lambda:InvokeFunction',
    '<BatonSwitchoverStateMachine>': 'states:StartExecution',
    [executions('Switchover')]: RUN,
    '<BatonBackfillStateMachine>': 'states:StartExecution',
    [executions('Backfill')]: RUN,
    '<BatonCrashRecoveryStateMachine>': 'states:StartExecution',
    [executions('CrashRecovery')]: RUN,
    '<BatonDisasterStateMachine>': 'states:StartExecution',
    [executions('Disaster')]: RUN,
    '<BatonUpgradeStateMachine>': 'states:StartExecution',
    [executions('Upgrade')]: RUN,
  },
  SchedulerRoleForTarget249d9e: {
    '<BatonMonitorFunction.Arn>': 'lambda:InvokeFunction',
    // Versions of the function; CDK grants them with it.
    '<BatonMonitorFunction.Arn>:*': 'lambda:InvokeFunction',
    '<BatonMonitorDeadLetters.Arn>': 'sqs:SendMessage',
  },
}

test('there are no other roles', () => {
  expect([...roles.keys()].toSorted()).toEqual(Object.keys(expected).toSorted())
})

test.each(Object.entries(expected))('%s may do exactly this', (role, wanted) => {
  expect(rights(role)).toEqual(wanted)
})

test('no action is a wildcard', () => {
  const actions = [...roles.values()].flat().flatMap(({ Action }) => list(Action))
  expect(actions.filter((action) => action.includes('*'))).toEqual([])
})

test('nobody can scan, delete or batch-write a table, nor delete an object', () => {
  const actions = new Set([...roles.values()].flat().flatMap(({ Action }) => list(Action)))
  const data = [...actions].filter((action) => /^(dynamodb|s3):/.test(action)).toSorted()
  expect(data).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:DescribeStream',
    'dynamodb:GetItem',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ])
})

test('the gate has no right on Leases or History, whatever the action', () => {
  const resources = Object.keys(rights('BatonGateFunctionRole'))
  expect(resources.filter((resource) => /Leases|History/.test(resource))).toEqual([])
})

test("only the monitor, the gate and operators' acts write Heads; only monitor and operators write Leases", () => {
  const writers = (table: string) =>
    [...roles.keys()].filter((role) => rights(role)[table]?.includes('UpdateItem')).toSorted()
  expect(writers(HEADS)).toEqual([
    'BatonActFunctionRole',
    'BatonDisasterFunctionRole',
    'BatonGateFunctionRole',
    'BatonMonitorFunctionRole',
  ])
  expect(writers(LEASES)).toEqual([
    'BatonActFunctionRole',
    'BatonConductorFunctionRole',
    'BatonCrashRecoveryFunctionRole',
    'BatonDisasterFunctionRole',
    'BatonMonitorFunctionRole',
    'BatonSwitchoverFunctionRole',
    'BatonUpgradeFunctionRole',
  ])
})

test('items are reached by the keys of the configured chains only', () => {
  for (const statement of [...roles.values()].flat()) {
    const onItems = list(statement.Action).some((action) =>
      /^dynamodb:(Get|Put|Update)Item$|^dynamodb:Query$/.test(action),
    )
    if (!onItems) continue
    const keys = statement.Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys']
    expect([['901'], ['901', 'monitor#901']]).toContainEqual(keys)
  }
})

test("engines' secrets are read by backfill and crash recovery alone", () => {
  const readers = [...roles.keys()].filter((role) => Object.keys(rights(role)).some((name) => name.endsWith('/jwt')))
  expect(readers.toSorted()).toEqual(['BatonBackfillFunctionRole', 'BatonCrashRecoveryFunctionRole'])
})

test('secrets are read by the gate alone', () => {
  const readers = [...roles.keys()].filter((role) =>
    Object.keys(rights(role)).some((name) => name.endsWith('/secrets')),
  )
  expect(readers).toEqual(['BatonGateFunctionRole'])
})
