import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { KEEP_ACTIVE } from '../lambda/wrap.ts'

/** The most targets of an EventBridge rule. */
const TARGETS = 5

/**
 * Calls the functions that only emergencies need once a day. Lambda lets a function that is not called for weeks become
 * inactive; the next call then fails while its network interface is made again, at the worst moment.
 */
export class KeepActive extends Construct {
  #rule: Rule | undefined
  #count = 0

  /** Adds a function; its handler must be made by `wrap`, which answers this event itself. */
  add(handler: IFunction): void {
    if (this.#count % TARGETS === 0) {
      this.#rule = new Rule(this, `Daily${this.#count / TARGETS + 1}`, {
        description: 'Baton: keeps functions that are seldom needed active',
        schedule: Schedule.rate(Duration.days(1)),
      })
    }
    this.#count += 1
    this.#rule?.addTarget(new LambdaFunction(handler, { event: RuleTargetInput.fromObject(KEEP_ACTIVE) }))
  }
}
