import { readFileSync } from 'node:fs'
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import type { AlarmText } from '../../lib/cdk/alarms/alarm.ts'
import { describeAlarm } from '../../lib/cdk/alarms/alarm.ts'
import { batonAlarms } from '../../lib/cdk/alarms/baton-alarms.ts'
import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { BatonChain } from '../../lib/cdk/baton-chain.ts'
import { type MetricName, metrics } from '../../lib/cloudwatch/metrics.ts'
import { defaultPolicy } from '../../lib/protocol/policy.ts'
import { build, configure, resourcesOf, sample, synthesize } from './app.ts'
import { plain } from './resolve.ts'
import { zk } from './zk-chain.ts'

const runbooks = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8')
const sections = new Map(
  runbooks
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n')
      return [heading.trim(), lines.join('\n')]
    }),
)
const all: readonly AlarmText[] = [...chainAlarms, ...Object.values(batonAlarms)]
const [chain] = sample().chains as object[]
const watchingL1 = configure({ chains: [{ ...chain, l1: { rpc: 'https://l1.example.com' } }] })
/** The alarms that people get: all but the one that only CodeDeploy reads, during a deploy. */
const notified = (template: Template) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => !id.includes('GateCanary'))

/** What each alarm looks at: a metric, or the one that an expression fills. */
const alarms = notified(synthesize(watchingL1)).map(([, { Properties }]) => {
  const queries = (Properties.Metrics ?? []) as { MetricStat?: { Metric: object; Period: number } }[]
  const [stat] = queries.flatMap(({ MetricStat }) => MetricStat ?? [])
  const AlarmDescription = String(plain(Properties.AlarmDescription))
  return { ...Properties, ...(stat && { ...stat.Metric, Period: stat.Period }), AlarmDescription } as Record<
    string,
    unknown
  >
})

describe('runbooks', () => {
  test.each(all.map((told) => [told.id, told] as const))(
    '%s has a section with its severity, and what to do',
    (id, told) => {
      const section = sections.get(id)
      expect(section, `docs/runbooks.md needs "## ${id}"`).toBeDefined()
      expect(section).toMatch(new RegExp(`^\\*\\*${told.severity}\\*\\*`, 'm'))
      for (const part of ['Meaning', 'First', 'Then']) expect(section).toMatch(new RegExp(`^\\*\\*${part}\\*\\*`, 'm'))
    },
  )

  test('no section is left over from an alarm that is gone', () => {
    expect([...sections.keys()].toSorted()).toEqual(all.map(({ id }) => id).toSorted())
  })
})

describe('a chain of one node', () => {
  const [only, ...others] = (chain as { nodes: object[] }).nodes
  const idsOf = (nodes: (object | undefined)[]) =>
    notified(synthesize(configure({ chains: [{ ...chain, nodes }] }))).map(([, { Properties }]) =>
      String(Properties.AlarmName).replace('baton-prod-901-', ''),
    )

  test('has no alarm on its standbys, which would page for ever', () => {
    expect(idsOf([only])).not.toContain('no-eligible-standby')
    expect(idsOf([only])).toContain('no-new-block')
    expect(idsOf([only, others[0]])).toContain('no-eligible-standby')
  })

  test('is warned of at synthesis', () => {
    const warnings = (nodes: (object | undefined)[]) => {
      const { stack } = build(configure({ chains: [{ ...chain, nodes }] }))
      return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('no other could take over'))
    }
    expect(warnings([only]).map(({ id }) => id)).toEqual(['/Baton-prod/Chain901'])
    expect(warnings([only, others[0]])).toEqual([])
  })
})

test('no two alarms have one id', () => {
  const ids = all.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

/** Where the alarms of the sample lead. */
const links = {
  dashboard:
    'https://console.aws.amazon.com/cloudwatch/home?region=<AWS::Region>#dashboards/dashboard/baton-prod-<AWS::Region>',
  runbook:
    'https://console.aws.amazon.com/systems-manager/documents/Baton-prod-Runbooks/description?region=<AWS::Region>',
}

test('every alarm tells severity, meaning, first action and where its runbook is, in what CloudWatch can hold', () => {
  expect(alarms).toHaveLength(all.length - 1)
  for (const told of all.filter(({ id }) => id !== batonAlarms.workflowFailed.id)) {
    const text = describeAlarm(told, links)
    expect(text.replaceAll('<AWS::Region>', 'ap-northeast-1').length).toBeLessThanOrEqual(1024)
    expect(text).toContain(`\nRunbook: ${links.runbook}#${told.id}`)
    expect(alarms.map(({ AlarmDescription }) => AlarmDescription)).toContain(text)
  }
})

test('a published runbook is linked', () => {
  const template = synthesize(configure({ alarms: { runbook: 'https://runbooks.example.com/baton' } }))
  for (const [, { Properties }] of notified(template)) {
    expect(plain(Properties.AlarmDescription)).toMatch(/\nRunbook: https:\/\/runbooks\.example\.com\/baton#[a-z0-9-]+$/)
  }
})

test('alarms of a chain look at metrics that exist, with their dimensions', () => {
  for (const { metric, reason } of chainAlarms) {
    expect(Object.keys(metrics)).toContain(metric)
    expect((metrics[metric].dimensions as readonly string[]).includes('reason')).toBe(reason !== undefined)
  }
  const own = alarms.filter(({ Namespace }) => Namespace === 'Baton')
  expect(own.length).toBe(chainAlarms.length)
  for (const { Dimensions, Period } of own) {
    expect(Dimensions).toContainEqual({ Name: 'baton', Value: 'prod' })
    expect(Dimensions).toContainEqual({ Name: 'chain', Value: '901' })
    expect(Period).toBe(60)
  }
})

test('without an L1 endpoint of our own, there are no alarms that only it could set off', () => {
  const plain = notified(synthesize()).map(([, { Properties }]) => Properties.MetricName)
  const needing = chainAlarms.filter(({ needs }) => needs === 'l1').map(({ metric }) => metric)
  expect(needing.length).toBeGreaterThan(0)
  expect(plain.filter((metric) => needing.includes(metric as MetricName))).toEqual([])
  expect(plain).toHaveLength(alarms.length - needing.length)
})

test('silence of the monitor is a breach, and of nothing else', () => {
  const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching')
  expect(breaching.map(({ MetricName }) => MetricName)).toEqual(['Paging'])
})

test('one rule reports every workflow that fails or times out by name, to the topic for tickets', () => {
  const template = synthesize(watchingL1)
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine').map(([id]) => id)
  const [told, ...others] = resourcesOf(template, 'AWS::Events::Rule').filter(([id]) => id.includes('WorkflowFailures'))
  expect(others).toEqual([])
  const { EventPattern: pattern, Targets: targets } = told?.[1].Properties ?? {}
  expect(pattern).toMatchObject({
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { status: ['FAILED', 'TIMED_OUT'] },
  })
  const { detail } = pattern as { detail: { stateMachineArn: { Ref: string }[] } }
  expect(detail.stateMachineArn.map(({ Ref }) => Ref).toSorted()).toEqual(machines.toSorted())
  const [target] = targets as { Arn: { Ref: string }; InputTransformer: object }[]
  expect(target?.Arn.Ref).toMatch(/^BatonAlarmsTicket/)
  const text = JSON.stringify(target?.InputTransformer)
  expect(text).toContain('TICKET. A workflow did not reach its goal')
  expect(text).toContain('#workflow-failed')
  expect(text).toContain('"$.detail.executionArn"')
})

test('each alarm goes to the topic of its severity', () => {
  const template = synthesize()
  const topics = resourcesOf(template, 'AWS::SNS::Topic').map(([id, { Properties }]) => [
    id,
    String(Properties.DisplayName),
  ])
  const severityOf = new Map(topics.map(([id = '', name = '']) => [id, name.replace('Baton ', '').toLowerCase()]))
  for (const [, { Properties }] of notified(template)) {
    const [action] = Properties.AlarmActions as { Ref: string }[]
    const [word = ''] = String(plain(Properties.AlarmDescription)).split('.')
    expect(severityOf.get(action?.Ref ?? '')).toBe(word.toLowerCase())
  }
})

test.each([200, 1_000, 2_000, 12_000])('thresholds make sense with blocks of %d ms', (blockTimeMs) => {
  const pace = defaultPolicy(blockTimeMs)
  const threshold = (id: string) => chainAlarms.find((alarm) => alarm.id === id)?.threshold(pace) ?? Number.NaN
  expect(threshold('no-new-block') * 1_000).toBeGreaterThan(pace.stallMs + pace.verifyMs)
  expect(threshold('commits-slow')).toBeLessThanOrEqual(400)
  expect(threshold('commits-slow')).toBeLessThan(blockTimeMs)
  expect(threshold('archive-behind') * blockTimeMs).toBeGreaterThanOrEqual(120_000)
  expect(threshold('l1-stale')).toBe(120)
})

test('an alarm can be left out, and a wrong name is refused', () => {
  const { stack } = build(watchingL1)
  const [settings] = watchingL1.chains
  if (!settings) throw new Error('the sample has a chain')
  const other = { ...settings, chain: { ...settings.chain, id: 902 } }
  const placed = new BatonChain(stack, 'Other', { baton: stack.baton, settings: other, withoutAlarms: ['l1-stale'] })
  expect(placed.alarms).toHaveLength(chainAlarms.length - 1)
  const again = { ...settings, chain: { ...settings.chain, id: 903 } }
  const wrong = () => new BatonChain(stack, 'Wrong', { baton: stack.baton, settings: again, withoutAlarms: ['l1'] })
  expect(wrong).toThrow(/there is no alarm "l1"; write one of no-new-block, /)
})

test('the dashboard has for each chain the page, the alarms, and every metric once', () => {
  const [[, dashboard] = []] = resourcesOf(synthesize(), 'AWS::CloudWatch::Dashboard')
  const body = JSON.stringify(dashboard?.Properties.DashboardBody).replaceAll('\\\\\\"', '"').replaceAll('\\"', '"')
  expect(body).toContain('"type":"custom"')
  expect(body).toContain('"params":{"chain":"901"}')
  expect(body).toContain('"type":"alarm"')
  const shown = [...body.matchAll(/"Baton","([A-Za-z0-9]+)","chain","901"/g)].map(([, name]) => name)
  expect(shown.length).toBe(new Set(shown).size)
})

test('the dashboard is a choice; the page stays for one of your own', () => {
  const { stack } = build(configure({ dashboard: false }))
  const template = Template.fromStack(stack)
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 0)
  expect(stack.baton.widget.function).toBeDefined()
  expect(stack.chains[0]?.alarms.length).toBeGreaterThan(0)
})

test('without a dashboard nothing leads to one: no alarm, output, right or document', () => {
  const chains = (sample().chains as object[]).map((chain) => ({ ...chain, l1: { rpc: 'https://l1.example.com' } }))
  const leading = (dashboard: boolean) => {
    const template = Template.fromStack(build(configure({ chains, zkChains: [zk], dashboard })).stack)
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([, { Properties }]) =>
      /dashboard/i.test(JSON.stringify(Properties.AlarmDescription)),
    )
    const others = JSON.stringify(template.toJSON()).match(/dashboards\/dashboard|GetDashboard|DashboardUrl":/g)
    return { alarms: alarms.map(([id]) => id), others: others ?? [] }
  }
  expect(leading(false)).toEqual({ alarms: [], others: [] })
  const { alarms, others } = leading(true)
  expect(alarms.length).toBeGreaterThan(15)
  expect(others.length).toBeGreaterThan(15)
})
