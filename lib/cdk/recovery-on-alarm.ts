import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { chainMetric } from './alarms/metrics.ts'

export type RecoveryOnAlarmProps = {
  readonly chain: string
  readonly recovery: StateMachine
}

/**
 * Starts the recovery of what a monitor asks for: `"recovery": "auto"` on AWS. An event, not a call of the monitor's:
 * the monitor needs no right to start anything, and no way to get there. Its alarm tells nobody, `crash-recovery`
 * does; it counts only what Baton may repair, so that it goes off anew for a second node while a first one that could
 * not be recovered stays out, and when a pause is over.
 */
export class RecoveryOnAlarm extends Construct {
  constructor(scope: Construct, id: string, { chain, recovery }: RecoveryOnAlarmProps) {
    super(scope, id)
    const alarm = new Alarm(this, 'Wanted', {
      metric: chainMetric(chain, 'RecoveryWanted', { statistic: 'Minimum', period: Duration.minutes(1) }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `Baton: starts the crash recovery of chain ${chain}. It tells nobody: the alarm crash-recovery does.`,
    })
    new Rule(this, 'Rule', {
      description: `Baton: recovers damaged nodes of chain ${chain}`,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        resources: [alarm.alarmArn],
        detail: { state: { value: ['ALARM'] } },
      },
      targets: [
        new SfnStateMachine(recovery, { input: RuleTargetInput.fromObject({ chain, by: 'baton' }), retryAttempts: 3 }),
      ],
    })
  }
}
