import { Stack } from 'aws-cdk-lib'
import { EndpointType, LambdaIntegration, RestApi, type RestApiProps } from 'aws-cdk-lib/aws-apigateway'
import {
  type IInterfaceVpcEndpoint,
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  type IPeer,
  type IVpc,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2'
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { FunctionDefaults } from '../function.ts'

/** How op-nodes reach the gate. */
export type GateAccess =
  /** A private REST API, reachable only through a VPC endpoint: the given one, or a new one. */
  | {
      readonly kind: 'private-api'
      readonly vpc: IVpc
      readonly vpcSubnets: SubnetSelection
      /** The peers that may connect to the created endpoint. Ignored for a given one. */
      readonly clients: readonly IPeer[]
      /** An existing execute-api endpoint of the VPC. Default: a new one, without private DNS. */
      readonly vpcEndpoint?: IInterfaceVpcEndpoint | undefined
    }
  /** A REST API on the internet, protected only by each node's secret: for emulators and experiments. */
  | {
      readonly kind: 'public-api'
      /** The address of the emulator that serves it, e.g. `http://127.0.0.1:4566`. Absent = AWS. */
      readonly emulator?: string | undefined
    }

/** The stage's name: part of every URL. */
const STAGE = 'baton'

type ApiDefaults = Pick<FunctionDefaults, 'tracing'> & { readonly name: string }
type Api = { readonly api: RestApi; readonly url: string }

/** Creates a REST API that only one VPC endpoint can call, and the endpoint unless given. */
export function privateApi(
  scope: Construct,
  handler: IFunction,
  access: Extract<GateAccess, { kind: 'private-api' }>,
  defaults: ApiDefaults,
): Api {
  const endpoint = access.vpcEndpoint ?? createEndpoint(scope, access)
  const api = restApi(scope, handler, defaults, {
    endpointConfiguration: { types: [EndpointType.PRIVATE], vpcEndpoints: [endpoint] },
    policy: onlyThrough(endpoint),
  })
  const { region, urlSuffix } = Stack.of(scope)
  const host = `${api.restApiId}-${endpoint.vpcEndpointId}.execute-api.${region}.${urlSuffix}`
  return { api, url: `https://${host}/${STAGE}` }
}

/** Creates a REST API on the internet, or in an emulator, which has one host for all. */
export function publicApi(
  scope: Construct,
  handler: IFunction,
  { emulator }: Extract<GateAccess, { kind: 'public-api' }>,
  defaults: ApiDefaults,
): Api {
  const api = restApi(scope, handler, defaults, { endpointConfiguration: { types: [EndpointType.REGIONAL] } })
  if (emulator !== undefined) return { api, url: `${emulator}/restapis/${api.restApiId}/${STAGE}/_user_request_` }
  const { region, urlSuffix } = Stack.of(scope)
  return { api, url: `https://${api.restApiId}.execute-api.${region}.${urlSuffix}/${STAGE}` }
}

/** Creates a REST API with exactly the gate's paths: other requests never reach the function. */
function restApi(scope: Construct, handler: IFunction, { name, tracing }: ApiDefaults, props: RestApiProps): RestApi {
  const api = new RestApi(scope, 'Api', {
    ...props,
    restApiName: name,
    description: 'Baton: the conductor of op-nodes',
    // Access logs need a role in the account's API Gateway settings, which another team may own.
    cloudWatchRole: false,
    deployOptions: {
      stageName: STAGE,
      tracingEnabled: tracing,
    },
  })
  // CDK's own output shows a URL that a private API does not serve.
  api.node.tryRemoveChild('Endpoint')
  const integration = new LambdaIntegration(handler, { allowTestInvoke: false })
  const chain = api.root.addResource('v1').addResource('chains').addResource('{chain}')
  chain.addResource('nodes').addResource('{node}').addMethod('POST', integration)
  chain.addResource('leader').addMethod('POST', integration)
  api.root.addMethod('POST', integration)
  for (const probe of ['healthz', 'readyz']) api.root.addResource(probe).addMethod('GET', integration)
  return api
}

/** The principal is anyone: op-node signs no requests, and a Basic header counts as anonymous. */
function onlyThrough(endpoint: IInterfaceVpcEndpoint): PolicyDocument {
  const everything = {
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*'],
    principals: [new AnyPrincipal()],
  }
  const elsewhere = { StringNotEquals: { 'aws:SourceVpce': endpoint.vpcEndpointId } }
  return new PolicyDocument({
    statements: [
      new PolicyStatement({ ...everything, effect: Effect.ALLOW }),
      new PolicyStatement({ ...everything, effect: Effect.DENY, conditions: elsewhere }),
    ],
  })
}

/**
 * Creates the endpoint without private DNS: with it, every API call of the VPC would go through this endpoint,
 * including other teams' calls to other APIs. The API names the endpoint, so the endpoint's policy cannot name the API
 * in turn; it names Baton's stage and paths in this account.
 */
function createEndpoint(
  scope: Construct,
  { vpc, vpcSubnets, clients }: Extract<GateAccess, { kind: 'private-api' }>,
): InterfaceVpcEndpoint {
  const securityGroup = new SecurityGroup(scope, 'EndpointSecurityGroup', {
    vpc,
    description: 'Baton: who may call the gate',
    allowAllOutbound: false,
  })
  for (const client of clients) securityGroup.addIngressRule(client, Port.tcp(443), 'op-nodes to the gate')
  const endpoint = new InterfaceVpcEndpoint(scope, 'Endpoint', {
    vpc,
    subnets: vpcSubnets,
    service: InterfaceVpcEndpointAwsService.APIGATEWAY,
    privateDnsEnabled: false,
    open: false,
    securityGroups: [securityGroup],
  })
  const api = Stack.of(scope).formatArn({ service: 'execute-api', resource: '*', resourceName: STAGE })
  endpoint.addToPolicy(
    new PolicyStatement({
      actions: ['execute-api:Invoke'],
      principals: [new AnyPrincipal()],
      resources: [`${api}/POST/v1/chains/*`, `${api}/POST/`, `${api}/GET/healthz`, `${api}/GET/readyz`],
    }),
  )
  return endpoint
}
