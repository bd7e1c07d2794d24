import { Match } from 'aws-cdk-lib/assertions'
import { test } from 'vitest'
import { configure, resourcesOf, sample, synthesize } from './app.ts'

const withRecovery = (recovery: 'auto' | 'ask') => {
  const [chain] = sample().chains as object[]
  return synthesize(configure({ chains: [{ ...chain, recovery }] }))
}

test('auto: the alarm of damaged nodes starts the recovery of what the monitor asks for, and nothing else', () => {
  const template = withRecovery('auto')
  const [[alarm = ''] = []] = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => /crashrecovery/.test(id))
  const [[machine = ''] = []] = resourcesOf(template, 'AWS::StepFunctions::StateMachine').filter(([id]) =>
    /CrashRecovery/.test(id),
  )
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: [{ 'Fn::GetAtt': [alarm, 'Arn'] }],
      detail: { state: { value: ['ALARM'] } },
    },
    Targets: [Match.objectLike({ Arn: { Ref: machine }, Input: '{"chain":"901","by":"baton"}' })],
  })
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{ Action: 'states:StartExecution', Effect: 'Allow', Resource: { Ref: machine } }],
    },
    Roles: [{ Ref: Match.stringLikeRegexp('CrashRecoveryStateMachineEventsRole') }],
  })
})

test('ask: a person starts it', () => {
  withRecovery('ask').resourceCountIs('AWS::Events::Rule', 0)
})
