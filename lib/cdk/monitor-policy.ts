import { Stack } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { namespace } from '../cloudwatch/metrics.ts'
import { parameterNames, storeParameter } from '../config/parameter-names.ts'
import type { ChainRegistry } from './chain-registry.ts'
import { parameterArn } from './parameters.ts'
import { monitoring } from './permissions.ts'
import type { BatonStore } from './store.ts'

type Deployment = { readonly store: BatonStore; readonly chains: ChainRegistry; readonly parameters: string }

/**
 * The rights of a host that runs `baton monitor` for the chains of a deployment: what the monitor in Lambda may do, the
 * parameter that names the tables, and metrics in Baton's namespace. A managed policy holds 6,144 characters: bucket and
 * parameters are the deployment's alone, so objects and configurations are named by patterns.
 */
export function monitorPolicy(scope: Construct, { store, chains, parameters }: Deployment): ManagedPolicy {
  const stack = Stack.of(scope)
  const every = { list: (render: (chain: string) => string[]) => render('*') }
  return new ManagedPolicy(scope, 'HostMonitor', {
    description: 'Baton: a host that runs "baton monitor"',
    statements: [
      ...monitoring(store, chains, every),
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:GetParameters'],
        resources: [parameterNames(parameters, '*').config, storeParameter(parameters)].map((name) =>
          parameterArn(stack, name),
        ),
      }),
      // CloudWatch has no narrower resource.
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
      }),
    ],
  })
}
