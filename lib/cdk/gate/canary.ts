import { type CfnResource, Lazy, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IAlarm, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Alias, type IFunction, type IVersion } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { BatonFunction } from '../function.ts'
import { awsMetric } from '../metrics.ts'

export type CanaryProps = { readonly handler: BatonFunction; readonly alarmName: string }

/** A tenth of the calls for five minutes, then all. */
const STEPS = 'CodeDeployDefault.LambdaCanary10Percent5Minutes'

/**
 * The version of the gate that nodes reach. A deploy gives a new one a tenth of the calls first, and goes back to the
 * one before when it ends with an error or an alarm of {@link watch} fires: a gate that does not work would stop every
 * chain. op-node repeats a commit that failed, and most likely reaches the working version.
 */
export class Canary extends Construct {
  readonly alias: IFunction
  readonly #watched: IAlarm[] = []

  constructor(scope: Construct, id: string, { handler, alarmName }: CanaryProps) {
    super(scope, id)
    const version = handler.currentVersion as IVersion
    const alias = new Alias(this, 'Alias', { aliasName: 'live', version, description: 'Baton: what nodes reach' })
    this.alias = alias as IFunction
    this.watch(
      new Alarm(this, 'Fails', {
        alarmName,
        metric: awsMetric('AWS/Lambda', 'Errors', {
          FunctionName: handler.functionName,
          Resource: `${handler.functionName}:live`,
          ExecutedVersion: version.version,
        }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
        alarmDescription: 'Baton: takes a new version of the gate back during a deploy. It notifies no topic.',
      }),
    )
    const { ref: applicationName } = new CfnApplication(this, 'Application', { computePlatform: 'Lambda' })
    const { ref: deploymentGroupName } = new CfnDeploymentGroup(this, 'Group', {
      applicationName,
      serviceRoleArn: this.#role(handler).roleArn,
      deploymentConfigName: STEPS,
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      autoRollbackConfiguration: {
        enabled: true,
        events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
      alarmConfiguration: {
        enabled: true,
        alarms: Lazy.any({ produce: () => this.#watched.map(({ alarmName: name }) => ({ name })) }),
      },
    })
    const { cfnOptions } = alias.node.defaultChild as CfnResource
    cfnOptions.updatePolicy = { codeDeployLambdaAliasUpdate: { applicationName, deploymentGroupName } }
  }

  /** Takes a new version back when an alarm fires during its deploy. CodeDeploy reads ten alarms at most. */
  watch(alarm: IAlarm): void {
    if (this.#watched.length < 10) this.#watched.push(alarm)
  }

  /** What CodeDeploy needs: to move the alias, and to see the alarms, for which IAM knows no narrower resource. */
  #role(handler: BatonFunction): Role {
    const move = new PolicyStatement({
      actions: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
      resources: [handler.functionArn, `${handler.functionArn}:live`],
    })
    const see = new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] })
    const ofThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com', ofThisAccount),
      inlinePolicies: { Move: new PolicyDocument({ statements: [move, see] }) },
    })
  }
}
