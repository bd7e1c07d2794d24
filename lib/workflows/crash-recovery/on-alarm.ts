import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'

export type RecoveryOnAlarmProps = {
  readonly chain: string
  /** The chain's alarm `crash-recovery`. */
  readonly alarm: Alarm
  readonly recovery: StateMachine
}

/**
 * Starts the recovery of what a monitor asks for when the chain's alarm goes off: `"recovery": "auto"` on AWS.
 * An event, not a call of the monitor's: the monitor needs no right to start anything, and no way to get there.
 */
export class RecoveryOnAlarm extends Construct {
  constructor(scope: Construct, id: string, { chain, alarm, recovery }: RecoveryOnAlarmProps) {
    super(scope, id)
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
