import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import { consolePages } from '../console.ts'

export type WorkflowFailuresProps = {
  /** Where a failed execution is reported. */
  readonly topics: readonly ITopic[]
  /** What the report says: severity, meaning, first action, runbook. */
  readonly text: string
}

/**
 * Reports each execution that fails or times out, by name and with a link to it: one rule for all state machines. Two
 * alarms for each would cost more, name only the state machine, and stay silent about a second failure within a minute.
 */
export class WorkflowFailures extends Construct {
  readonly rule: Rule

  constructor(scope: Construct, id: string, { topics, text }: WorkflowFailuresProps) {
    super(scope, id)
    this.rule = new Rule(this, 'Rule', {
      description: 'Baton: reports workflows that did not reach their goal',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT'] },
      },
    })
    const execution = EventField.fromPath('$.detail.executionArn')
    const status = EventField.fromPath('$.detail.status')
    const page = consolePages(this).execution(execution)
    const message = RuleTargetInput.fromText(`${text}\nExecution: ${execution} (${status})\nOpen it: ${page}`)
    for (const topic of topics) this.rule.addTarget(new SnsTopic(topic, { message }))
  }

  /** Reports the executions of this state machine, too. */
  watch(machine: IStateMachine): void {
    this.rule.addEventPattern({ detail: { stateMachineArn: [machine.stateMachineArn] } })
  }
}
