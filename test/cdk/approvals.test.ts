import { Template } from 'aws-cdk-lib/assertions'
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { expect, test } from 'vitest'
import type { AppConfig } from '../../lib/cdk/app-config.ts'
import type { Baton } from '../../lib/cdk/baton.ts'
import { build, configure, synthesize } from './app.ts'
import { rightsOf, rolesOf } from './roles.ts'

const approvers = ['arn:aws:iam::123456789012:role/oncall']
const dangerous = ['Switchover', 'CrashRecovery', 'Upgrade', 'Disaster']

const grants = {
  start: (baton: Baton, to: IGrantable) => baton.grantStart(to),
  operate: (baton: Baton, to: IGrantable) => baton.grantOperate(to),
  approve: (baton: Baton, to: IGrantable) => baton.grantApprove(to),
}
type Grant = keyof typeof grants

/** The rights of roles that got one grant each, by resource. */
function grantedIn(config: AppConfig, names: readonly Grant[]): (grant: Grant) => ReturnType<typeof rightsOf> {
  const { stack } = build(config)
  for (const name of names) {
    const role = new Role(stack, name, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') })
    grants[name](stack.baton, role)
  }
  const roles = rolesOf(Template.fromStack(stack))
  return (grant) => rightsOf(roles, grant)
}
const unapproved = grantedIn(configure(), ['start', 'operate'])
const approved = grantedIn(configure({ approvers }), ['start', 'operate', 'approve'])

/** The resources on which a role may do something. */
const on = (rights: ReadonlyMap<string, readonly string[]>, action: string) =>
  [...rights].flatMap(([resource, actions]) => (actions.includes(action) ? [resource] : []))

const ssm = (resource: string) => `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:${resource}`

// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html names the
// document and the execution; before, it was the definition.
test('who may start a document may start it by the ARNs AWS asks for now and by those it asked for before', () => {
  const rights = unapproved('start')
  const starts = on(rights, 'ssm:StartAutomationExecution')
  expect(starts).toContain(ssm('automation-execution/*'))
  for (const name of ['Switchover', 'WatchSwitchover', 'AbortSwitchover', 'Act']) {
    expect(starts).toContain(ssm(`document/<BatonDocuments${name}>`))
    expect(starts).toContain(ssm('automation-definition/Baton-prod-*:*'))
    expect(rights.get(ssm(`document/<BatonDocuments${name}>`))).toEqual([
      'ssm:DescribeDocument',
      'ssm:GetDocument',
      'ssm:StartAutomationExecution',
    ])
  }
  expect(rights.get('*')).toEqual([
    'ssm:DescribeAutomationExecutions',
    'ssm:DescribeAutomationStepExecutions',
    'ssm:ListDocuments',
  ])
  expect(rights.get(ssm('automation-execution/*'))).toEqual([
    'ssm:GetAutomationExecution',
    'ssm:StartAutomationExecution',
    'ssm:StopAutomationExecution',
  ])
  expect(on(rights, 'iam:PassRole')).toEqual(['<BatonDocumentsRole.Arn>'])
})

test('who may start documents presses no button, starts no state machine, and approves nothing', () => {
  for (const granted of [unapproved, approved]) {
    const rights = granted('start')
    expect(on(rights, 'states:StartExecution')).toEqual([])
    expect(on(rights, 'lambda:InvokeFunction')).toEqual(['<BatonWidgetFunction.Arn>', '<BatonWidgetFunction.Arn>:*'])
    expect(on(rights, 'ssm:SendAutomationSignal')).toEqual([])
    expect(on(rights, 'states:StopExecution')).toHaveLength(5)
  }
})

test('without approvers, an operator starts each state machine, too', () => {
  const starts = on(unapproved('operate'), 'states:StartExecution')
  expect(starts.toSorted()).toEqual([...dangerous, 'Backfill'].map((name) => `<Baton${name}StateMachine>`).toSorted())
})

test('with approvers, only the role of the documents starts a dangerous state machine', () => {
  const operator = approved('operate')
  expect(on(operator, 'states:StartExecution')).toEqual(['<BatonBackfillStateMachine>'])
  expect(on(operator, 'ssm:SendAutomationSignal')).toEqual([])
  const template = synthesize(configure({ approvers }))
  const roles = rolesOf(template)
  for (const name of dangerous) {
    const machine = `<Baton${name}StateMachine>`
    const starters = [...roles.keys()].filter((role) =>
      rightsOf(roles, role).get(machine)?.includes('states:StartExecution'),
    )
    expect(starters).toEqual(['BatonDocumentsRole'])
  }
})

test('an approver approves, and starts nothing', () => {
  const rights = approved('approve')
  expect(on(rights, 'ssm:SendAutomationSignal')).toEqual([ssm('automation-execution/*')])
  expect(on(rights, 'ssm:StartAutomationExecution')).toEqual([])
  expect(on(rights, 'iam:PassRole')).toEqual([])
})

test('with approvers, the act function and the page know whose documents ask for an approval', () => {
  const told = (approved: boolean) =>
    Object.entries(synthesize(configure(approved ? { approvers } : {})).findResources('AWS::Lambda::Function')).flatMap(
      ([id, { Properties }]) => {
        const { Variables } = (Properties as { Environment: { Variables: Record<string, unknown> } }).Environment
        return 'BATON_APPROVALS' in Variables ? [`${id.slice(0, -8)} ${Variables.BATON_APPROVALS}`] : []
      },
    )
  expect(told(false)).toEqual([])
  expect(told(true).toSorted()).toEqual([
    'BatonActFunction Baton-prod',
    'BatonConductorFunction Baton-prod',
    'BatonWidgetFunction Baton-prod',
  ])
})
