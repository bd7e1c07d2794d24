import { Template } from 'aws-cdk-lib/assertions'
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { expect, test } from 'vitest'
import type { Baton } from '../../lib/cdk/baton.ts'
import { build, configure } from './app.ts'
import { rightsOf, rolesOf } from './roles.ts'

const approvers = ['arn:aws:iam::123456789012:role/oncall']
const dangerous = ['Switchover', 'CrashRecovery', 'Upgrade', 'Disaster']

/** The rights of a role that got one grant, by resource. */
function granted(grant: (baton: Baton, to: IGrantable) => void, approved: boolean) {
  const { stack } = build(configure(approved ? { approvers } : {}))
  const role = new Role(stack, 'Person', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') })
  grant(stack.baton, role)
  return rightsOf(rolesOf(Template.fromStack(stack)), 'Person')
}

/** The resources on which a role may do something. */
const on = (rights: ReadonlyMap<string, readonly string[]>, action: string) =>
  [...rights].flatMap(([resource, actions]) => (actions.includes(action) ? [resource] : []))

const ssm = (resource: string) => `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:${resource}`

// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html names the
// document and the execution; before, it was the definition.
test('who may start a document may start it by the ARNs AWS asks for now and by those it asked for before', () => {
  const rights = granted((baton, to) => baton.grantStart(to), false)
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
  for (const approved of [false, true]) {
    const rights = granted((baton, to) => baton.grantStart(to), approved)
    expect(on(rights, 'states:StartExecution')).toEqual([])
    expect(on(rights, 'lambda:InvokeFunction')).toEqual(['<BatonWidgetFunction.Arn>', '<BatonWidgetFunction.Arn>:*'])
    expect(on(rights, 'ssm:SendAutomationSignal')).toEqual([])
    expect(on(rights, 'states:StopExecution')).toHaveLength(5)
  }
})

test('without approvers, an operator starts each state machine, too', () => {
  const starts = on(
    granted((baton, to) => baton.grantOperate(to), false),
    'states:StartExecution',
  )
  expect(starts.toSorted()).toEqual([...dangerous, 'Backfill'].map((name) => `<Baton${name}StateMachine>`).toSorted())
})

test('with approvers, only the role of the documents starts a dangerous state machine', () => {
  const operator = granted((baton, to) => baton.grantOperate(to), true)
  expect(on(operator, 'states:StartExecution')).toEqual(['<BatonBackfillStateMachine>'])
  expect(on(operator, 'ssm:SendAutomationSignal')).toEqual([])
  const template = Template.fromStack(build(configure({ approvers })).stack)
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
  const rights = granted((baton, to) => baton.grantApprove(to), true)
  expect(on(rights, 'ssm:SendAutomationSignal')).toEqual([ssm('automation-execution/*')])
  expect(on(rights, 'ssm:StartAutomationExecution')).toEqual([])
  expect(on(rights, 'iam:PassRole')).toEqual([])
})

test('with approvers, the act function and the page know whose documents ask for an approval', () => {
  const told = (approved: boolean) =>
    Object.entries(
      Template.fromStack(build(configure(approved ? { approvers } : {})).stack).findResources('AWS::Lambda::Function'),
    ).flatMap(([id, { Properties }]) => {
      const { Variables } = (Properties as { Environment: { Variables: Record<string, unknown> } }).Environment
      return 'BATON_APPROVALS' in Variables ? [`${id.slice(0, -8)} ${Variables.BATON_APPROVALS}`] : []
    })
  expect(told(false)).toEqual([])
  expect(told(true).toSorted()).toEqual([
    'BatonActFunction Baton-prod',
    'BatonConductorFunction Baton-prod',
    'BatonWidgetFunction Baton-prod',
  ])
})
