import { CfnCustomResource, type CfnResource, Duration } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import type { ChainRegistry } from './chain-registry.ts'
import { BatonFunction, type FunctionDefaults } from './function.ts'

export type SettledProps = FunctionDefaults & {
  readonly chains: ChainRegistry
  /** What starts the monitor. */
  readonly schedule: CfnResource
}

/**
 * The moment of a deploy, after the functions were created and when the monitor has run for the chains for two minutes.
 * An alarm on its silence that was created earlier would page at the first deploy, and for each chain that is added.
 */
export class Settled extends Construct {
  readonly function: BatonFunction
  /** To depend on. */
  readonly resource: CfnResource

  constructor(scope: Construct, id: string, { chains, schedule, ...defaults }: SettledProps) {
    super(scope, id)
    this.function = new BatonFunction(this, 'Function', {
      ...defaults,
      handler: 'settle',
      description: 'Baton: lets a deploy wait for the first runs of the monitor',
      memorySize: 128,
      timeout: Duration.seconds(180),
    })
    const resource = new CfnCustomResource(this, 'Wait', {
      serviceToken: this.function.functionArn,
      serviceTimeout: 300,
    })
    // Another list of chains makes the next deploy wait again.
    resource.addPropertyOverride('Chains', chains.joined())
    resource.addResourceDependency(schedule)
    this.resource = resource
  }
}
