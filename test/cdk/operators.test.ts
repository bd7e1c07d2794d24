import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { batonAlarms } from '../../lib/cdk/alarms/baton-alarms.ts'
import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { runbooksDocument } from '../../lib/cdk/runbooks.ts'
import { configure, resourcesOf, synthesize } from './app.ts'
import { legible, plain } from './resolve.ts'

const template = synthesize()
const outputs = legible(template.toJSON().Outputs) as Record<string, { Value: string }>
const nameOf = (type: string, property: string, of = template) =>
  resourcesOf(of, type).map(([, { Properties }]) => plain(Properties[property]))

describe('names a person reads', () => {
  test('topics, dashboard and API carry the name of the deployment', () => {
    expect(nameOf('AWS::SNS::Topic', 'TopicName').toSorted()).toEqual(
      ['page', 'ticket', 'note'].map((severity) => `baton-prod-${severity}`).toSorted(),
    )
    expect(nameOf('AWS::CloudWatch::Dashboard', 'DashboardName')).toEqual(['baton-prod-<AWS::Region>'])
    expect(nameOf('AWS::ApiGateway::RestApi', 'Name')).toEqual(['baton-prod-gate'])
  })

  test('two deployments in one account share none', () => {
    const other = synthesize(configure({ name: 'staging' }))
    const named = (of: typeof template) =>
      (
        [
          ['AWS::SNS::Topic', 'TopicName'],
          ['AWS::CloudWatch::Dashboard', 'DashboardName'],
          ['AWS::CloudWatch::Alarm', 'AlarmName'],
        ] as const
      ).flatMap(([type, property]) => nameOf(type, property, of).filter((name) => name !== undefined))
    expect(named(template).filter((name) => named(other).includes(name))).toEqual([])
    expect(named(template).length).toBeGreaterThan(20)
  })
})

describe('outputs lead to', () => {
  const region = '<AWS::Region>'
  test.each([
    ['DashboardUrl', `/cloudwatch/home?region=${region}#dashboards/dashboard/baton-prod-${region}`],
    ['RunbooksUrl', `/systems-manager/documents/Baton-prod-Runbooks/description?region=${region}`],
    ['SwitchoverUrl', `/systems-manager/automation/execute/Baton-prod-Switchover?region=${region}`],
    ['DisasterUrl', `/systems-manager/automation/execute/Baton-prod-Disaster?region=${region}`],
    ['MonitorLogUrl', `/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/<BatonMonitorFunctionLogs>`],
  ])('%s', (output, page) => {
    expect(outputs[output]?.Value).toBe(`https://console.aws.amazon.com${page}`)
  })

  test.each([
    ['PageTopic', '<BatonAlarmsPage>'],
    ['TicketTopic', '<BatonAlarmsTicket>'],
    ['NoteTopic', '<BatonAlarmsNote>'],
    ['ActFunction', '<BatonActFunction>'],
    ['FunctionSecurityGroupId', '<FunctionSecurityGroup.GroupId>'],
  ])('%s', (output, value) => {
    expect(outputs[output]?.Value).toBe(value)
  })

  test.each([
    ['eu-west-1', 'console.aws.amazon.com'],
    ['us-gov-west-1', 'console.amazonaws-us-gov.com'],
    ['cn-north-1', 'console.amazonaws.cn'],
  ])('the console of %s', (place, host) => {
    const placed = synthesize(configure({ region: place }))
    const { Outputs } = placed.toJSON() as { Outputs: Record<string, { Value: string }> }
    const [, failures] = resourcesOf(placed, 'AWS::Events::Rule').find(([id]) => id.startsWith('BatonWorkflow')) ?? []
    expect(JSON.stringify(failures)).toContain(`https://${host}/states/home?region=${place}#`)
    expect(Outputs.DashboardUrl?.Value).toMatch(
      new RegExp(`^https://${host}/.*region=${place}#.*/baton-prod-${place}$`),
    )
  })
})

describe('events of decisions', () => {
  const find = (type: string, id: string) =>
    resourcesOf(template, type).find(([logicalId]) => logicalId.startsWith(id))?.[1].Properties ?? {}

  test('come from each new record of the history, from any writer', () => {
    expect(legible(find('AWS::Lambda::EventSourceMapping', 'BatonAnnouncer'))).toMatchObject({
      EventSourceArn: '<BatonStoreHistory.StreamArn>',
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      StartingPosition: 'TRIM_HORIZON',
    })
  })

  test('that could not be sent within six hours are a ticket', () => {
    expect(legible(find('AWS::Lambda::EventSourceMapping', 'BatonAnnouncer'))).toMatchObject({
      MaximumRecordAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: '<BatonAlarmsTicket>' } },
    })
  })

  test('the announcer has the right to put events', () => {
    const { PolicyDocument } = legible(find('AWS::IAM::Policy', 'BatonAnnouncer')) as {
      PolicyDocument: { Statement: object[] }
    }
    expect(PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Action: 'events:PutEvents',
      }),
    )
  })
})

describe('who receives alarms', () => {
  const pager = 'https://events.pagerduty.com/integration/0123456789abcdef/enqueue'
  const topic = 'arn:aws:sns:eu-west-1:123456789012:oncall'
  const told = synthesize(
    configure({ alarms: { email: 'all@example.com', page: [pager, topic, 'all@example.com'], ticket: [topic] } }),
  )
  const subscribed = resourcesOf(told, 'AWS::SNS::Subscription').map(([, { Properties }]) => {
    const { TopicArn, Protocol, Endpoint } = legible(Properties) as Record<string, string>
    return `${TopicArn} ${Protocol} ${Endpoint}`
  })
  const severities = { PAGE: 'Page', TICKET: 'Ticket', NOTE: 'Note' } as const

  test('an address or URL is subscribed to the topic of its severity, and once', () => {
    expect(subscribed.toSorted()).toEqual([
      '<BatonAlarmsNote> email all@example.com',
      '<BatonAlarmsPage> email all@example.com',
      `<BatonAlarmsPage> https ${pager}`,
      '<BatonAlarmsTicket> email all@example.com',
    ])
  })

  test('a topic of yours is notified by each alarm of its severity, beside the own one', () => {
    for (const [, { Properties }] of resourcesOf(told, 'AWS::CloudWatch::Alarm')) {
      const { AlarmActions, OKActions, AlarmDescription } = legible(Properties) as Record<string, string[] | string>
      const severity = severities[String(AlarmDescription).split('.')[0] as keyof typeof severities]
      if (severity === undefined) continue
      const wanted = [`<BatonAlarms${severity}>`, ...(severity === 'Note' ? [] : [topic])]
      expect(AlarmActions).toEqual(wanted)
      expect(OKActions).toEqual(severity === 'Note' ? undefined : wanted)
    }
  })

  test.each([
    ['page', ['http://plain.example.com']],
    ['note', ['nobody']],
    ['ticket', ['arn:aws:sqs:eu-west-1:123456789012:queue']],
  ])('%s: %j is refused', (severity, targets) => {
    expect(() => configure({ alarms: { [severity]: targets } })).toThrow(new RegExp(`alarms\\.${severity}\\[0\\]`))
  })

  test('more topics than an alarm can notify are refused', () => {
    const page = Array.from({ length: 5 }, (_, i) => `${topic}-${i}`)
    expect(() => configure({ alarms: { page } })).toThrow(/alarms\.page.*more than 4 topics/)
    expect(() => configure({ alarms: { page: page.slice(1) } })).not.toThrow()
  })
})

describe('the runbooks in the console', () => {
  const markdown = readFileSync('docs/runbooks.md', 'utf8')
  const { description } = runbooksDocument(markdown)

  test('have the section of every alarm, word for word but for links that lead nowhere there', () => {
    for (const { id } of [...chainAlarms, ...Object.values(batonAlarms)]) expect(description).toContain(`\n## ${id}\n`)
    expect(description).not.toMatch(/\]\((?!https:)/)
    const words = (text: string) => text.replace(/\]\([^)]*\)/g, '').replace(/[[\]]/g, '')
    expect(words(description)).toBe(words(markdown))
  })

  test('fit into a document: 64 kB, and nothing in them is taken for a variable', () => {
    expect(Buffer.byteLength(JSON.stringify(runbooksDocument(markdown)))).toBeLessThan(62_000)
    expect(description).not.toContain('{{')
  })
})
