import { expect, test } from 'vitest'
import { configure, resourcesOf, synthesize } from './app.ts'
import { plain } from './resolve.ts'
import { zk } from './zk-chain.ts'

const template = synthesize(configure({ zkChains: [zk] }))

// A group outside of /aws/vendedlogs adds its ARN to the account's resource policy for deliveries, which holds 5,120
// characters: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
test('every state machine logs under /aws/vendedlogs, to a group that no other stack and no deploy before has', () => {
  const groups = new Map(resourcesOf(template, 'AWS::Logs::LogGroup'))
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  expect(machines.length).toBeGreaterThan(5)
  const names = machines.map(([, { Properties }]) => {
    const { Destinations } = Properties.LoggingConfiguration as {
      Destinations: { CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [string, string] } } }[]
    }
    const id = Destinations[0]?.CloudWatchLogsLogGroup.LogGroupArn['Fn::GetAtt'][0] ?? ''
    return groups.get(id)?.Properties.LogGroupName
  })
  const written = names.map((name) => JSON.stringify(name))
  for (const name of written) {
    expect(name).toContain('"/aws/vendedlogs/states/Baton-')
    // Retained groups outlive their stack: the next one of the same name has another id.
    expect(name).toContain('"AWS::StackId"')
  }
  expect(new Set(written).size).toBe(machines.length)
  // Of a stack's ARN the part between its slashes that is new each time, a UUID, is all there is to come.
  const longest = Math.max(...names.map((name) => String(plain(name)).length))
  expect(longest).toBeLessThan(512)
}, 120_000)

test('gate and archiver, which run for every block, have no lines of Lambda itself unless a run fails', () => {
  const quiet = resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const { LogFormat, SystemLogLevel, ApplicationLogLevel } = Properties.LoggingConfig as Record<string, string>
    // Metrics are lines without a level, which count as INFO: another level would drop them, and the alarms with them.
    if (LogFormat === 'JSON')
      expect({ SystemLogLevel, ApplicationLogLevel }).toEqual({ SystemLogLevel: 'WARN', ApplicationLogLevel: 'INFO' })
    return LogFormat === 'JSON' ? [id.replace(/Function.*/, '')] : []
  })
  expect(quiet.toSorted()).toEqual(['BatonArchiver', 'BatonGate'])
})
