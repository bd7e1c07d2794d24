import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type CfnResource, Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  ApplicationLogLevel,
  Architecture,
  type CfnFunction,
  Code,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogLevel, NodejsFunction, type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { bundling, esbuildArgs } from './bundling.ts'

/** The network of functions that talk to the nodes. */
export type FunctionNetwork = {
  readonly vpc: IVpc
  readonly vpcSubnets: SubnetSelection
  readonly securityGroups: ISecurityGroup[]
}

/** The settings common to all functions of one Baton. */
export type FunctionDefaults = {
  readonly environment: Readonly<Record<string, string>>
  /** Retention of log lines; the log group itself outlives the stack. */
  readonly logRetention: RetentionDays
  /** X-Ray traces of every function. */
  readonly tracing: boolean
}

/** The settings of one function. */
export type BatonFunctionProps = FunctionDefaults & {
  /** The file in `lambdas/`, without its ending. */
  readonly handler: string
  readonly description: string
  /** MB; CPU scales with it. */
  readonly memorySize: number
  readonly timeout: Duration
  /** Reserved concurrency, which is also the limit. Absent = shares the account's. */
  readonly reservedConcurrency?: number
  readonly network?: FunctionNetwork | undefined
  /**
   * Called for every block: Lambda then writes no lines of its own (START, END, REPORT) for a run that succeeds. The
   * function's own lines are JSON in any case, and written as they are.
   */
  readonly everyBlock?: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A function of Baton: one handler of `lambdas/` in one ESM file with everything it needs, on Node 24 on arm64, with
 * its own log group and its own role, which initially may only write to that log group.
 */
export class BatonFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: BatonFunctionProps) {
    const { handler, description, environment, logRetention, tracing, memorySize, timeout, network } = props
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.RETAIN })
    super(scope, id, {
      description,
      memorySize,
      timeout,
      environment,
      logGroup,
      role: functionRole(scope, `${id}Role`, logGroup, network !== undefined),
      ...codeOf(handler),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.everyBlock === true && {
        loggingFormat: LoggingFormat.JSON,
        // Lambda counts a line without a level, as metrics are, as INFO.
        applicationLogLevelV2: ApplicationLogLevel.INFO,
        systemLogLevelV2: SystemLogLevel.WARN,
      }),
      awsSdkConnectionReuse: false,
      bundling: {
        ...bundling,
        format: OutputFormat.ESM,
        mainFields: [...bundling.mainFields],
        esbuildArgs,
        bundleAwsSDK: true,
        logLevel: LogLevel.WARNING,
      },
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...network,
    })
  }

  /** Makes a deploy create or update the function after a resource. */
  waitFor(resource: CfnResource): void {
    ;(this.node.defaultChild as CfnFunction).addResourceDependency(resource)
  }

  /** Adds rights to the function's role. */
  allow(...statements: readonly PolicyStatement[]): void {
    for (const statement of statements) this.grantPrincipal.addToPrincipalPolicy(statement)
  }
}

function functionRole(scope: Construct, id: string, logGroup: LogGroup, inVpc: boolean): Role {
  const logs = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  })
  return new Role(scope, id, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      Logs: new PolicyDocument({ statements: [logs] }),
      ...(inVpc && { Network: new PolicyDocument({ statements: [networkStatement()] }) }),
    },
  })
}

/** In a clone the sources, to be bundled; in the npm package the bundle itself. */
function codeOf(
  handler: string,
): Pick<NodejsFunctionProps, 'entry' | 'projectRoot' | 'depsLockFilePath' | 'code' | 'handler'> {
  const entry = `${root}lambdas/${handler}.ts`
  return existsSync(entry)
    ? { entry, handler: 'handler', projectRoot: root, depsLockFilePath: `${root}package-lock.json` }
    : { code: Code.fromAsset(`${root}dist/lambdas/${handler}`), handler: 'index.handler' }
}

/** The rights Lambda needs on the role to attach a function to a VPC; EC2 has no narrower resource for them. */
function networkStatement(): PolicyStatement {
  const actions = ['Create', 'Describe', 'Delete'].map(
    (verb) => `ec2:${verb}NetworkInterface${verb === 'Describe' ? 's' : ''}`,
  )
  const addresses = ['ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses']
  return new PolicyStatement({ actions: [...actions, ...addresses, 'ec2:DescribeSubnets'], resources: ['*'] })
}

/** A queue for undelivered or failed events: encrypted, TLS only, kept for 14 days, with an alarm. */
export function deadLetters(scope: Construct, id = 'DeadLetters'): Queue {
  return new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  })
}
