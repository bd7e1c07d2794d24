import { CfnOutput, type Stack } from 'aws-cdk-lib'
import type { Baton } from './baton.ts'
import { consolePages } from './console.ts'
import { OperatorPolicies } from './operator-policies.ts'
import type { Resequencing } from './resequence.ts'

/** The outputs for on-call: what to open, whom alarms notify, what to invoke and let in, and which rights to attach. */
export function addOperatorOutputs(stack: Stack, baton: Baton, resequencing?: Resequencing): void {
  const { dashboardUrl, runbooks, alarmTopics, act, monitor, gate, documents, network } = baton
  const pages = consolePages(stack)
  const out = (id: string, value: string, description: string) => new CfnOutput(stack, id, { value, description })
  if (dashboardUrl !== undefined) out('DashboardUrl', dashboardUrl, 'The page of every chain, its alarms and graphs')
  if (runbooks) out('RunbooksUrl', runbooks.url, 'What to do at each alarm')
  const { page, ticket, note } = alarmTopics.topics
  out('PageTopic', page.topicArn, 'Alarms that wake a person')
  out('TicketTopic', ticket.topicArn, 'Alarms for the next working day')
  out('NoteTopic', note.topicArn, 'Alarms that need no act')
  out('ActFunction', act.function.functionName, "Carries out operators' acts, without the CLI or the console")
  if (monitor) {
    const { logGroupName } = monitor.function.logGroup
    out('MonitorLogUrl', pages.logGroup(logGroupName), 'What the monitor saw, did and could not do')
  }
  if (gate) out('GateLogUrl', pages.logGroup(gate.function.logGroup.logGroupName), 'What the gate could not answer')
  const [group] = network?.securityGroups ?? []
  if (group) out('FunctionSecurityGroupId', group.securityGroupId, 'Let it in to the RPC ports of the nodes')
  const { viewer, operator, cli, approver } = new OperatorPolicies(stack, 'Policies', { baton, resequencing })
  out('ViewerPolicy', viewer.managedPolicyArn, 'Rights to see the page, alarms, graphs, logs and runbooks')
  out('OperatorPolicy', operator.managedPolicyArn, 'Rights to press the buttons and run the operations in the console')
  out('CliPolicy', cli.managedPolicyArn, 'Rights of the command line')
  if (approver) out('ApproverPolicy', approver.managedPolicyArn, 'Rights to approve what waits for an approval')
  for (const { operation, document } of documents?.starts ?? [])
    out(`${operation}Url`, pages.execute(document), `Starts ${operation} in the console`)
}
