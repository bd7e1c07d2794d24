import { Validations } from 'aws-cdk-lib'
import {
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type IPeer,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import type { Construct } from 'constructs'
import type { WrittenApp } from './app-schema.ts'
import type { FunctionNetwork } from './function.ts'
import type { GateAccess } from './gate/api.ts'

/** The network of the functions that talk to nodes. */
export type NetworkProps = {
  readonly vpc: IVpc
  /** Subnets with a route to the nodes, DynamoDB, S3 and SSM. Default: the private ones. */
  readonly vpcSubnets?: SubnetSelection | undefined
  /** Default: a new one that accepts no connections; the nodes must let it in. */
  readonly securityGroup?: ISecurityGroup | undefined
}

/** Resolves the network of the functions that talk to nodes; `undefined` without a VPC. */
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

type WrittenNetwork = NonNullable<WrittenApp['network']>

/** Imports an existing network from its configured ids: synthesis looks nothing up, so it needs no credentials. */
export function importNetwork(
  scope: Construct,
  written: WrittenNetwork | undefined,
): Required<NetworkProps> | undefined {
  if (!written) return undefined
  const zones = [...new Set(written.subnets.map(({ zone }) => zone))]
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId: written.vpc, availabilityZones: zones })
  const vpcSubnets = {
    subnets: written.subnets.map(({ id: subnetId, zone: availabilityZone }) =>
      importSubnet(scope, subnetId, availabilityZone),
    ),
  }
  const securityGroup =
    written.securityGroup === undefined
      ? new SecurityGroup(scope, 'FunctionSecurityGroup', {
          vpc,
          description: 'Baton: functions that talk to the nodes; the nodes must let it in',
        })
      : SecurityGroup.fromSecurityGroupId(scope, 'FunctionSecurityGroup', written.securityGroup)
  createEndpoints(scope, written, vpc, vpcSubnets)
  return { vpc, vpcSubnets, securityGroup }
}

/** How the configuration lets op-nodes reach the gate; `undefined` = each host runs its own. */
export function gateAccess(
  scope: Construct,
  { gate }: Pick<WrittenApp, 'gate'>,
  network: Required<NetworkProps> | undefined,
  emulator: string | undefined,
  privateGate: boolean,
): GateAccess | undefined {
  if (gate.access === 'sidecar') return undefined
  if (!privateGate || !network) return { kind: 'public-api', emulator }
  const clients = gate.clients.map((client) => peer(scope, client))
  const vpcEndpoint =
    gate.endpoint === undefined
      ? undefined
      : InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(scope, 'GateEndpoint', {
          vpcEndpointId: gate.endpoint,
          port: 443,
        })
  return { kind: 'private-api', vpc: network.vpc, vpcSubnets: network.vpcSubnets ?? {}, clients, vpcEndpoint }
}

function importSubnet(scope: Construct, subnetId: string, availabilityZone: string): ISubnet {
  const subnet = Subnet.fromSubnetAttributes(scope, subnetId, { subnetId, availabilityZone })
  const reason = 'Nothing here adds a route to a subnet.'
  Validations.of(subnet).acknowledge({ id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId', reason })
  return subnet
}

function peer(scope: Construct, client: string): IPeer {
  return client.startsWith('sg-') ? SecurityGroup.fromSecurityGroupId(scope, client, client) : Peer.ipv4(client)
}

function createEndpoints(
  scope: Construct,
  { endpoints, routeTables }: WrittenNetwork,
  vpc: IVpc,
  subnets: SubnetSelection,
): void {
  const routed = routeTables.map((routeTableId, i) =>
    Subnet.fromSubnetAttributes(scope, `Routed${i}`, { subnetId: routeTableId, routeTableId }),
  )
  const services = { dynamodb: GatewayVpcEndpointAwsService.DYNAMODB, s3: GatewayVpcEndpointAwsService.S3 } as const
  for (const name of endpoints) {
    if (name !== 'ssm') {
      new GatewayVpcEndpoint(scope, `Endpoint-${name}`, {
        vpc,
        service: services[name],
        subnets: [{ subnets: routed }],
      })
      continue
    }
    const securityGroup = new SecurityGroup(scope, 'SsmSecurityGroup', {
      vpc,
      description: 'Baton: who may read parameters',
      allowAllOutbound: false,
    })
    // Its private DNS covers the whole VPC: every SSM call there uses this endpoint. IAM controls access.
    securityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(443), 'whatever in the VPC uses SSM')
    const service = InterfaceVpcEndpointAwsService.SSM
    new InterfaceVpcEndpoint(scope, 'Endpoint-ssm', {
      vpc,
      subnets,
      service,
      open: false,
      securityGroups: [securityGroup],
    })
  }
}
