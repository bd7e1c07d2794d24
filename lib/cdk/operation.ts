import { ArnFormat, Duration, Fn, Names, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Graph } from '../operations/engine/operation.ts'
import { toStateMachine } from '../operations/engine/to-state-machine.ts'
import { BatonFunction, type FunctionDefaults, type FunctionNetwork } from './function.ts'

export type OperationProps = FunctionDefaults & {
  readonly operation: Graph
  /** The file in `lambdas/` that runs its steps. */
  readonly handler?: string
  readonly network?: FunctionNetwork | undefined
  /** The rights of the operation's function. */
  readonly permissions: readonly PolicyStatement[]
}

/** An operation on AWS: its state machine and the one function that runs every step. */
export class Operation extends Construct {
  readonly operation: Graph
  readonly function: BatonFunction
  readonly stateMachine: StateMachine

  constructor(
    scope: Construct,
    id: string,
    { operation, handler = 'operation', network, permissions, ...defaults }: OperationProps,
  ) {
    super(scope, id)
    this.operation = operation
    const { name, handlerSeconds } = operation
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      environment: { ...defaults.environment, BATON_OPERATION: name },
      network,
      handler,
      description: `Baton: the steps of the operation ${name}`,
      tracing: true,
      memorySize: 512,
      timeout: Duration.seconds(handlerSeconds),
    })
    this.function.allow(...permissions)

    const stack = Stack.of(this)
    const definition = toStateMachine(operation, { arn: this.function.functionArn, partition: stack.partition })
    const destination = new LogGroup(this, 'History', {
      logGroupName: deliveredLogs(this, name),
      retention: defaults.logRetention,
      removalPolicy: RemovalPolicy.RETAIN,
    })
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      comment: definition.Comment,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role: this.#role(),
      tracingEnabled: true,
      logs: { destination, level: LogLevel.ALL, includeExecutionData: true },
    })
  }

  /** Lets a grantee start the operation, and see and stop its executions. */
  grantRun(grantee: IGrantable): void {
    this.stateMachine.grantStartExecution(grantee)
    this.grantFollow(grantee)
  }

  /** Lets a grantee see and stop the operation's executions, but not start one. */
  grantFollow(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(this.executionStatement())
  }

  /** The right to see and stop executions of this state machine only. */
  executionStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
      resources: [this.executionArn('*')],
    })
  }

  /** The ARN of an execution of this state machine. */
  executionArn(name: string): string {
    const { stateMachineName: resourceName } = this.stateMachine
    const machine = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    return `${machine}:${name}`
  }

  #role(): Role {
    const invoke = new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [this.function.functionArn],
    })
    // Not for a state machine of another account that names this role.
    const ofThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } } }
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', ofThisAccount),
      inlinePolicies: { Invoke: new PolicyDocument({ statements: [invoke] }) },
    })
  }
}

/**
 * The name of a log group that Step Functions delivers to. The account's resource policy for deliveries covers all
 * groups under this prefix with one statement. Any other group adds its ARN to that policy of 5,120 characters, and a
 * deploy fails when it is full. Groups outlive their stack: the stack's id keeps the name free for the next one.
 */
function deliveredLogs(scope: Construct, name: string): string {
  const unique = Names.uniqueResourceName(scope, { maxLength: 120, separator: '-', allowedSpecialCharacters: '-' })
  const stack = Fn.select(2, Fn.split('/', Stack.of(scope).stackId))
  return `/aws/vendedlogs/states/Baton-${name}-${unique}-${stack}`
}
