import { Match } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { crashRecovery } from '../../lib/operations/crash-recovery/operation.ts'
import { toStateMachine } from '../../lib/operations/engine/to-state-machine.ts'
import { RefusedActError } from '../../lib/operator/errors.ts'
import { interpret } from '../operations/interpret.ts'
import { task } from '../operations/run-machine.ts'
import { configure, resourcesOf, sample, synthesize } from './app.ts'

const withRecovery = (recovery: 'auto' | 'ask') => {
  const [chain] = sample().chains as object[]
  return synthesize(configure({ chains: [{ ...chain, recovery }] }))
}

test('auto: an alarm of nodes that may be repaired starts the recovery of what the monitor asks for, and nothing else', () => {
  const template = withRecovery('auto')
  const [[alarm = ''] = []] = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) =>
    /RecoveryWanted/.test(id),
  )
  const [[machine = ''] = []] = resourcesOf(template, 'AWS::StepFunctions::StateMachine').filter(([id]) =>
    /CrashRecovery/.test(id),
  )
  // It only starts something: people are told by the alarm crash-recovery.
  const raised = resourcesOf(template, 'AWS::CloudWatch::Alarm').find(([id]) => id === alarm)?.[1].Properties
  expect(raised).toMatchObject({ MetricName: 'RecoveryWanted' })
  expect(raised).not.toHaveProperty('AlarmActions')
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
  const rules = Object.values(withRecovery('ask').findResources('AWS::Events::Rule'))
  const sources = rules.flatMap(({ Properties }) => Properties.EventPattern?.source ?? [])
  expect(sources).not.toContain('aws.cloudwatch')
})

const definition = toStateMachine(crashRecovery, task)
const refusal = new RefusedActError('bob is the last node that could sequence', 'bring another node back')

/** Runs the state machine while a recovery is refused `times` times, then finds nothing to do. */
async function refused(times: number, input: object) {
  let asked = 0
  const ended = await interpret(definition, { chain: '901', ...input }, async () => {
    if (asked++ < times) throw refusal
    return { outcome: 'nothing-to-do', text: 'no monitor asks for a recovery', state: {} }
  })
  return { ...ended, asked }
}

test('what the alarm asks for is asked for again while it is refused: the alarm tells only once', async () => {
  const { path, asked } = await refused(3, { by: 'baton' })
  expect(path.filter((state) => state === 'Wait a minute')).toHaveLength(3)
  expect(path.at(-1)).toBe('Nothing to do')
  expect(asked).toBe(4)
})

test('but for an hour at most: then it has failed, with the last refusal', async () => {
  const { path, error } = await refused(1_000, { by: 'baton' })
  expect(path.filter((state) => state === 'Wait a minute')).toHaveLength(59)
  expect(path.at(-1)).toBe('Unfinished')
  expect(error?.name).toBe('RecoveryNotBegun')
  expect(definition.TimeoutSeconds).toBeGreaterThan(2 * 60 * 60)
})

test('a person is told at once that it is refused', async () => {
  const { path, asked } = await refused(1_000, { node: 'bob', by: 'ann' })
  expect(path.at(-1)).toBe('Not begun')
  expect(asked).toBe(1)
})
