import { type ISecurityGroup, type IVpc, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import type { FunctionNetwork } from './function.ts'

/** Where the functions that talk to nodes are attached. */
export type NetworkProps = {
  readonly vpc: IVpc
  /** Subnets with a route to the nodes, DynamoDB, S3 and SSM. Default: the private ones. */
  readonly vpcSubnets?: SubnetSelection | undefined
  /** Default: one is created that nobody can connect to; the nodes must let it in. */
  readonly securityGroup?: ISecurityGroup | undefined
}

/** The network of the functions that talk to nodes; no VPC, no network. */
export function functionNetwork(scope: Construct, props: NetworkProps | undefined): FunctionNetwork | undefined {
  if (!props) return undefined
  const { vpc, vpcSubnets = {}, securityGroup = createSecurityGroup(scope, vpc) } = props
  return { vpc, vpcSubnets, securityGroups: [securityGroup] }
}

function createSecurityGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  return new SecurityGroup(scope, 'FunctionSecurityGroup', {
    vpc,
    description: 'Baton: functions that talk to the nodes',
    allowAllOutbound: true,
  })
}
