import { expect, test } from 'vitest'
import { configure, resourcesOf, sample, synthesize } from './app.ts'
import { legible } from './resolve.ts'

const template = synthesize()

test('the API is private, and only the one endpoint gets in', () => {
  const [[, api] = []] = resourcesOf(template, 'AWS::ApiGateway::RestApi')
  expect(legible(api?.Properties)).toMatchObject({
    EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: ['<BatonGateEndpoint>'] },
    Policy: {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: '*' } },
        { Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceVpce': '<BatonGateEndpoint>' } } },
      ],
    },
  })
})

test('the endpoint lets through the paths of the gate only, and leaves the names of other APIs alone', () => {
  const [[, endpoint] = []] = resourcesOf(template, 'AWS::EC2::VPCEndpoint')
  const { PrivateDnsEnabled, PolicyDocument } = endpoint?.Properties ?? {}
  expect(PrivateDnsEnabled).toBe(false)
  const { Statement } = legible(PolicyDocument) as { Statement: { Resource: string[] }[] }
  expect(Statement).toHaveLength(1)
  const resources = Statement[0]?.Resource ?? []
  expect(resources).toHaveLength(4)
  for (const resource of resources) {
    expect(resource).toMatch(/:\*\/baton\/(POST\/v1\/chains\/\*|POST\/|GET\/healthz|GET\/readyz)$/)
  }
})

test('the configured clients and the functions that probe the gate may connect to the endpoint, on 443', () => {
  const groups = resourcesOf(template, 'AWS::EC2::SecurityGroup')
  const endpoint = groups.find(([id]) => id.includes('Endpoint'))?.[1].Properties
  expect(endpoint?.SecurityGroupIngress).toMatchObject([{ CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 }])
  const ingress = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')
  expect(ingress.map(([, { Properties }]) => legible(Properties))).toMatchObject([
    { FromPort: 443, ToPort: 443, SourceSecurityGroupId: '<FunctionSecurityGroup.GroupId>' },
  ])
})

test('the API has five paths and no catch-all', () => {
  const paths = resourcesOf(template, 'AWS::ApiGateway::Resource').map(([, { Properties }]) => Properties.PathPart)
  expect(paths.toSorted()).toEqual(['chains', 'healthz', 'leader', 'nodes', 'readyz', 'v1', '{chain}', '{node}'])
  const methods = resourcesOf(template, 'AWS::ApiGateway::Method').map(([, { Properties }]) => Properties.HttpMethod)
  expect(methods.toSorted()).toEqual(['GET', 'GET', 'POST', 'POST', 'POST'])
})

test('an endpoint the VPC has is used as it is', () => {
  const gate = { access: 'private-api', endpoint: 'vpce-0123456789abcdef0' }
  const own = synthesize(configure({ gate }))
  own.resourceCountIs('AWS::EC2::VPCEndpoint', 0)
  own.hasResourceProperties('AWS::ApiGateway::RestApi', {
    EndpointConfiguration: { Types: ['PRIVATE'], VpcEndpointIds: ['vpce-0123456789abcdef0'] },
  })
})

test('sidecar: no gate function and no API; a policy for the hosts of each chain instead', () => {
  const [chain] = sample().chains as { chain: object }[]
  const chains = [901, 902].map((id) => ({ ...chain, chain: { ...chain?.chain, id } }))
  const { network: _, ...rest } = configure({ gate: { access: 'sidecar' }, chains })
  const sidecar = synthesize(rest)
  sidecar.resourceCountIs('AWS::ApiGateway::RestApi', 0)
  const managed = resourcesOf(sidecar, 'AWS::IAM::ManagedPolicy')
  const policies = managed.filter(([id]) => !id.startsWith('Policies') && !id.includes('HostMonitor'))
  expect(policies).toHaveLength(2)
  for (const [index, [, { Properties }]] of policies.entries()) {
    const id = 901 + index
    const { Statement } = legible(Properties.PolicyDocument) as { Statement: object[] }
    const Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [String(id)] } }
    expect(Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: '<BatonStoreHeads.Arn>',
        Condition,
      },
      {
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: '<BatonStoreLeases.Arn>',
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [String(id), `monitor#${id}`] } },
      },
      {
        Effect: 'Allow',
        Action: 's3:PutObject',
        Resource: ['sightings', 'spill'].map((kind) => `<BatonStoreArchive.Arn>/${id}/${kind}/*`),
      },
    ])
  }
  // A gate on a host writes no metrics: what is alarmed on has to be seen in its log.
  const watched = resourcesOf(sidecar, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties.MetricName)
  expect(watched).toContain('SecondsSinceCommit')
  for (const metric of ['GateErrors', 'CommitRefused', 'CommitLatency']) expect(watched).not.toContain(metric)
  const functions = resourcesOf(sidecar, 'AWS::Lambda::Function')
  expect(functions.map(([id]) => id).filter((id) => id.includes('Gate'))).toEqual([])
  for (const [, { Properties }] of functions) {
    expect(Properties.VpcConfig).toBeUndefined()
    expect(JSON.stringify(Properties.Environment)).not.toContain('BATON_GATE_URL')
  }
})

test('for emulators: a public API, and no documents', () => {
  const emulated = synthesize(configure(), { privateGate: false, documents: false })
  emulated.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } })
  emulated.resourceCountIs('AWS::EC2::VPCEndpoint', 0)
  emulated.resourceCountIs('AWS::SSM::Document', 0)
})
