import { describe, expect, test } from 'vitest'
import { configure, type Resource, resourcesOf, sample, synthesize } from './app.ts'
import { zk } from './zk-chain.ts'

const [chain] = sample().chains as { chain: { id: number }; nodes: object[] }[]
const nodes = chain?.nodes.map((node, i) => ({
  ...node,
  host: { kind: 'ssm', stack: 'op-geth', instance: `i-0a1b2c3d4e5f6071${i}` },
}))
const second = { ...chain, chain: { ...chain?.chain, id: 902, name: 'another' } }
const template = synthesize(configure({ chains: [{ ...chain, nodes }, second], zkChains: [zk] }))
const resources = template.toJSON().Resources as Record<string, Resource & { DependsOn?: string | string[] }>

/** Everything that CloudFormation creates before a resource. */
function createdBefore(id: string, seen = new Set<string>()): ReadonlySet<string> {
  const { DependsOn = [], Properties } = resources[id] ?? {}
  const text = JSON.stringify(Properties ?? {})
  const referred = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)].map(([, ref, att]) => ref ?? att ?? '')
  for (const next of [...[DependsOn].flat(), ...referred]) {
    if (seen.has(next) || !(next in resources)) continue
    seen.add(next)
    createdBefore(next, seen)
  }
  return seen
}

const idsOf = (type: string) => resourcesOf(template, type).map(([id]) => id)
const parameters = (name: RegExp) =>
  resourcesOf(template, 'AWS::SSM::Parameter').flatMap(([id, { Properties }]) =>
    name.test(String(Properties.Name)) ? [id] : [],
  )

describe('a function runs only when the configurations it reads exist', () => {
  const readers = idsOf('AWS::Lambda::Function').filter((id) => !/Announcer|Archiver|Settled|Resequencing/.test(id))
  test.each(readers)('%s', (id) => {
    expect(parameters(/chains\/90[12]\/config$/)).toHaveLength(2)
    expect([...createdBefore(id)]).toEqual(expect.arrayContaining(parameters(/chains\/90[12]\/config$/)))
  })

  test('the monitor is started after them', () => {
    const [schedule = ''] = idsOf('AWS::Scheduler::Schedule')
    expect([...createdBefore(schedule)]).toEqual(expect.arrayContaining(parameters(/chains\/90[12]\/config$/)))
  })

  test('the alarm on its silence comes after it has run for a while', () => {
    const silent = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => id.includes('monitornotticking'))
    expect(silent).toHaveLength(2)
    const [[wait = '', custom] = []] = resourcesOf(template, 'AWS::CloudFormation::CustomResource')
    const [schedule = ''] = idsOf('AWS::Scheduler::Schedule')
    for (const [id] of silent) expect([...createdBefore(id)]).toEqual(expect.arrayContaining([wait, schedule]))
    // A chain that is added makes the next deploy wait again.
    expect(custom?.Properties).toMatchObject({ Chains: '901,902', ServiceTimeout: 300 })
  })

  test('re-sequencing waits for its own', () => {
    const [id = ''] = idsOf('AWS::Lambda::Function').filter((each) => each.startsWith('Resequencing'))
    expect(parameters(/resequence$/)).toHaveLength(1)
    expect([...createdBefore(id)]).toEqual(expect.arrayContaining(parameters(/resequence$/)))
  })
})

// https://github.com/aws-solutions/automated-security-response-on-aws/pull/105: more than about five at once fail.
test('a deploy creates at most five documents of Systems Manager at once', () => {
  const documents = idsOf('AWS::SSM::Document')
  expect(documents.length).toBeGreaterThan(30)
  const done = new Set<string>()
  let rounds = 0
  while (done.size < documents.length) {
    const ready = documents.filter(
      (id) => !done.has(id) && [...createdBefore(id)].every((each) => !documents.includes(each) || done.has(each)),
    )
    expect(ready.length).toBeGreaterThan(0)
    expect(ready.length).toBeLessThanOrEqual(5)
    for (const id of ready) done.add(id)
    rounds += 1
  }
  expect(rounds).toBeLessThan(documents.length / 2)
})

test('every function that only people call is called once a day, so that Lambda keeps it active', () => {
  const rules = resourcesOf(template, 'AWS::Events::Rule').filter(
    ([, { Properties }]) => Properties.ScheduleExpression === 'rate(1 day)',
  )
  const targets = rules.map(([, { Properties }]) => Properties.Targets as { Arn: { 'Fn::GetAtt': [string] } }[])
  for (const each of targets) expect(each.length).toBeLessThanOrEqual(5)
  const kept = targets.flat().map(({ Arn }) => Arn['Fn::GetAtt'][0])
  const called = idsOf('AWS::Lambda::Function').filter((id) => !/Announcer|Monitor|Gate|Archiver/.test(id))
  expect(kept.toSorted()).toEqual(called.toSorted())
  expect(called.length).toBe(10)
})

// A function that sleeps answers ResourceNotReadyException while its network is made again: a minute, at times more.
test('every step of every state machine waits three minutes for a function that sleeps', () => {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  expect(machines.length).toBe(6)
  for (const [id, { Properties }] of machines) {
    const parts = (Properties.DefinitionString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
    const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')
    const { States } = JSON.parse(text) as { States: Record<string, { Type: string; Retry?: Retry[] }> }
    const steps = Object.values(States).filter(({ Type }) => Type === 'Task')
    expect(steps.length, id).toBeGreaterThan(0)
    for (const { Retry = [] } of steps) {
      const rule = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('Lambda.ResourceNotReadyException'))
      const { IntervalSeconds = 0, MaxAttempts = 0, BackoffRate = 1 } = rule ?? {}
      const waits = Array.from({ length: MaxAttempts }, (_, i) => IntervalSeconds * BackoffRate ** i)
      expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(180)
    }
  }
})

type Retry = { ErrorEquals: string[]; IntervalSeconds?: number; MaxAttempts?: number; BackoffRate?: number }
