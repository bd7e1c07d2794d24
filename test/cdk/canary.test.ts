import { expect, test } from 'vitest'
import { configure, resourcesOf, sample, synthesize } from './app.ts'
import { legible } from './resolve.ts'

const [chain] = sample().chains as { chain: object }[]
const chains = [901, 902].map((id) => ({ ...chain, chain: { ...chain?.chain, id, name: `chain-${id}` } }))
const template = synthesize(configure({ chains }))
const only = (type: string) => {
  const found = resourcesOf(template, type)
  expect(found).toHaveLength(1)
  return found[0]?.[1] as (typeof found)[0][1] & { UpdatePolicy?: object }
}

test('nodes reach the version that the alias names, never the newest code by itself', () => {
  const methods = resourcesOf(template, 'AWS::ApiGateway::Method')
  expect(methods.length).toBeGreaterThan(2)
  for (const [id, { Properties }] of methods)
    expect(JSON.stringify(legible(Properties.Integration)), id).toContain('<BatonGateCanaryAlias>')
  expect(legible(only('AWS::Lambda::Alias').Properties)).toMatchObject({ Name: 'live' })
})

test('a deploy moves the alias by CodeDeploy: a tenth of the calls for five minutes, and back when an alarm fires', () => {
  expect(legible(only('AWS::Lambda::Alias').UpdatePolicy)).toEqual({
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: '<BatonGateCanaryApplication>',
      DeploymentGroupName: '<BatonGateCanaryGroup>',
    },
  })
  const { Properties } = only('AWS::CodeDeploy::DeploymentGroup')
  expect(legible(Properties)).toMatchObject({
    DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
    AutoRollbackConfiguration: {
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
  })
  const { Alarms } = Properties.AlarmConfiguration as { Alarms: { Name: { Ref: string } }[] }
  const named = Alarms.map(({ Name }) => Name.Ref)
  const watched = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => named.includes(id))
  // Its own, and that on the errors of each chain's gate.
  expect(watched.map(([, each]) => each.Properties.MetricName).toSorted()).toEqual([
    'Errors',
    'GateErrors',
    'GateErrors',
  ])
})

test('the alarm of the deploy sees the errors of the new version only', () => {
  const [[, alarm] = []] = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => id.includes('GateCanary'))
  const { Dimensions, ...rest } = legible(alarm?.Properties) as { Dimensions: { Name: string; Value: string }[] }
  expect(rest).toMatchObject({ Namespace: 'AWS/Lambda', MetricName: 'Errors', Threshold: 1, Period: 60 })
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]))
  expect(dimensions).toMatchObject({ FunctionName: '<BatonGateFunction>', Resource: '<BatonGateFunction>:live' })
  expect(dimensions.ExecutedVersion).toMatch(/^<BatonGateFunctionCurrentVersion.*\.Version>$/)
})

test('without it the gate is replaced at once, as a gate needs whose alarms are on', () => {
  const direct = synthesize(configure(), { canary: false })
  direct.resourceCountIs('AWS::Lambda::Alias', 0)
  direct.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0)
})
