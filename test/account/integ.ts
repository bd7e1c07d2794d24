import { ExpectedResult, type IApiCall, IntegTest, Match } from '@aws-cdk/integ-tests-alpha'
import { type App, Duration, type Stack } from 'aws-cdk-lib'
import { tables } from '../../lib/store/stores.ts'
import { AccountStack, CHAIN } from './stack.ts'

/**
 * Deploys Baton, and sees on AWS what no emulator shows: the chain starts without a person; the console's documents
 * switch over, watch, and find a node undamaged; the documents run at their newest version.
 */
export function integration(app: App): IntegTest {
  const stack = new AccountStack(app, 'Baton-integ')
  const test = new IntegTest(app, 'Integ', { testCases: [stack as Stack] })
  const { assertions } = test
  const within = (minutes: number) => ({ totalTimeout: Duration.minutes(minutes), interval: Duration.seconds(15) })

  const leads = (leader: string, minutes: number) => {
    const Key = { [tables.heads.partitionKey]: { S: CHAIN } }
    const TableName = stack.baton.store.heads.tableName
    const read = assertions.awsApiCall('DynamoDB', 'getItem', { TableName, Key, ConsistentRead: true })
    const holder = { S: Match.stringLikeRegexp(`^(${leader})$`) }
    return read.expect(ExpectedResult.objectLike({ Item: { holder } })).waitForAssertions(within(minutes))
  }
  const run = (document: string, parameters: Record<string, string | undefined>) => {
    const Parameters = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]))
    const DocumentVersion = '$LATEST'
    const started = assertions.awsApiCall('SSM', 'startAutomationExecution', {
      DocumentName: `Baton-integ-${document}`,
      DocumentVersion,
      Parameters,
    })
    started.provider.addToRolePolicy({ Effect: 'Allow', Action: ['iam:PassRole', 'ssm:*'], Resource: ['*'] })
    const id = started.getAttString('AutomationExecutionId')
    const AutomationExecution = { AutomationExecutionStatus: 'Success' }
    const ended = assertions
      .awsApiCall('SSM', 'getAutomationExecution', { AutomationExecutionId: id })
      .expect(ExpectedResult.objectLike({ AutomationExecution }))
      .waitForAssertions(within(10))
    return { id, steps: [started, ended] }
  }

  const move = run('Switchover', { Chain: CHAIN, To: 'bob', DryRun: 'false' })
  const watch = run('WatchSwitchover', { Execution: move.id })
  const recover = run('CrashRecovery', { Chain: CHAIN, Node: 'cyd', DryRun: 'true' })
  inOrder([leads('ada|bob|cyd', 15), ...move.steps, leads('bob', 5), ...watch.steps, ...recover.steps])
  return test
}

function inOrder(steps: readonly IApiCall[]): void {
  steps.reduce((before, after) => before.next(after))
}
