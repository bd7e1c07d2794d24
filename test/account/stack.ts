import { join } from 'node:path'
import { type App, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  AmazonLinuxCpuType,
  GatewayVpcEndpointAwsService,
  Instance,
  InstanceType,
  InterfaceVpcEndpointAwsService,
  type IPeer,
  IpAddresses,
  type ISubnet,
  type IVpc,
  MachineImage,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  UserData,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { buildSync } from 'esbuild'
import { parseAppConfig } from '../../lib/cdk/app-config.ts'
import { Baton } from '../../lib/cdk/baton.ts'
import { BatonChain } from '../../lib/cdk/baton-chain.ts'

/** The machine with the nodes: the first public subnet's; `nodes.ts` serves on these ports. */
const ADDRESS = '10.77.0.77'
const FIRST_PORT = 10_500
const NODES = ['ada', 'bob', 'cyd'] as const
export const CHAIN = '901'

/**
 * Baton in an account to throw away, with a chain of simulated nodes on one small machine. All is deleted with the
 * stack, tables included; only the bucket and the log groups stay.
 */
export class AccountStack extends Stack {
  readonly baton: Baton

  constructor(app: App, id: string) {
    super(app, id, { description: 'Baton: test in an account to throw away' })
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.77.0.0/16'),
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24 },
        { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
    })
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    vpc.addInterfaceEndpoint('Ssm', { service: InterfaceVpcEndpointAwsService.SSM })
    const inside = Peer.ipv4('10.77.0.0/16')
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED }
    this.baton = new Baton(this, 'Baton', {
      parameters: '/baton/integ',
      documentPrefix: 'Baton-integ',
      network: { vpc: vpc as IVpc, vpcSubnets },
      gate: { kind: 'private-api', vpc: vpc as IVpc, vpcSubnets, clients: [inside as IPeer] },
    })
    const [settings] = parseAppConfig(
      JSON.stringify({
        gate: { access: 'sidecar' },
        chains: [
          {
            chain: { id: Number(CHAIN), name: 'simulated', blockTime: 2 },
            nodes: NODES.map((name, i) => ({
              name,
              zone: `zone-${i}`,
              priority: 30 - 10 * i,
              consensus: `http://${ADDRESS}:${FIRST_PORT + 2 * i}`,
              execution: `http://${ADDRESS}:${FIRST_PORT + 2 * i + 1}`,
            })),
          },
        ],
      }),
    ).chains
    if (!settings) throw new Error('the configuration has no chain')
    const chain = new BatonChain(this, 'Chain', { baton: this.baton, settings })
    this.#startNodes(vpc, chain, inside as IPeer)
    this.#deleteAll()
  }

  /** The machine: gives each node a secret, and runs the simulator. */
  #startNodes(vpc: Vpc, chain: BatonChain, inside: IPeer): void {
    const outfile = join(import.meta.dirname, '../../.cache/account/nodes.mjs')
    const entryPoints = [join(import.meta.dirname, 'nodes.ts')]
    buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', minify: true, logLevel: 'error' })
    const program = new Asset(this, 'Program', { path: outfile })
    const securityGroup = new SecurityGroup(this, 'Nodes', { vpc: vpc as IVpc, allowAllOutbound: true })
    securityGroup.addIngressRule(inside, Port.tcpRange(FIRST_PORT, FIRST_PORT + 9), 'the nodes')
    const userData = UserData.forLinux()
    const machine = new Instance(this, 'Machine', {
      vpc: vpc as IVpc,
      vpcSubnets: { subnets: vpc.publicSubnets.slice(0, 1) as ISubnet[] },
      privateIpAddress: ADDRESS,
      associatePublicIpAddress: true,
      instanceType: new InstanceType('t4g.small'),
      machineImage: MachineImage.latestAmazonLinux2023({ cpuType: AmazonLinuxCpuType.ARM_64 }),
      securityGroup,
      userData,
    })
    program.grantRead(machine)
    const parameters = this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: 'baton/integ/*' })
    machine.addToRolePolicy(
      new PolicyStatement({ actions: ['ssm:PutParameter', 'ssm:GetParameter'], resources: [parameters] }),
    )
    const urls = NODES.map((node) => `"${node}":"${chain.conductorUrl(node)?.replace('SECRET', `$(secret ${node})`)}"`)
    userData.addCommands(
      `export AWS_DEFAULT_REGION=${this.region}`,
      'dnf install -y nodejs24 || dnf install -y nodejs22',
      `aws s3 cp ${program.s3ObjectUrl} /opt/nodes.mjs`,
      `until ( ${chain.secretsCommand} ) || aws ssm get-parameter --name /baton/integ/chains/${CHAIN}/nodes/cyd/secrets; do sleep 5; done`,
      `secret() { aws ssm get-parameter --with-decryption --name /baton/integ/chains/${CHAIN}/nodes/$1/secrets --query Parameter.Value --output text | tr -d '[]"'; }`,
      `export CONDUCTORS="{${urls.map((url) => url.replaceAll('"', '\\"')).join(',')}}"`,
      'cd /opt && nohup $(command -v node || command -v node-24 || command -v node-22) nodes.mjs > /var/log/nodes.log 2>&1 &',
    )
    machine.node.addDependency(chain.config)
  }

  #deleteAll(): void {
    for (const resource of this.node.findAll().filter((each) => CfnResource.isCfnResource(each))) {
      if (resource.cfnResourceType !== 'AWS::DynamoDB::GlobalTable') continue
      resource.applyRemovalPolicy(RemovalPolicy.DESTROY)
      resource.addPropertyOverride('Replicas.0.DeletionProtectionEnabled', false)
    }
  }
}
