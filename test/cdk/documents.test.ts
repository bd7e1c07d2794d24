import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import type { Template } from 'aws-cdk-lib/assertions'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { backfillInput } from '../../lib/operations/backfill/document.ts'
import { backfill } from '../../lib/operations/backfill/operation.ts'
import { recoveryInput } from '../../lib/operations/crash-recovery/document.ts'
import { crashRecovery } from '../../lib/operations/crash-recovery/operation.ts'
import { disasterInput } from '../../lib/operations/disaster/document.ts'
import { disaster } from '../../lib/operations/disaster/operation.ts'
import type { AutomationDocument } from '../../lib/operations/engine/documents.ts'
import { resequenceInput } from '../../lib/operations/resequence/document.ts'
import { switchoverInput } from '../../lib/operations/switchover/document.ts'
import { switchover } from '../../lib/operations/switchover/operation.ts'
import { upgradeInput } from '../../lib/operations/upgrade/document.ts'
import { upgrade } from '../../lib/operations/upgrade/operation.ts'
import { configure, resourcesOf, synthesize } from './app.ts'
import { attacks } from './attacks.ts'
import { legible } from './resolve.ts'
import { zk } from './zk-chain.ts'

const require = createRequire(import.meta.url)
const schema = JSON.parse(
  readFileSync(require.resolve('aws-ssm-document-language-service/dist/schema.json'), 'utf8'),
) as object
const validate = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true }).compile(schema)

const approvers = ['arn:aws:iam::123456789012:role/oncall']
const documentsOf = (template: Template) =>
  new Map(
    resourcesOf(template, 'AWS::SSM::Document').map(([, { Properties }]) => {
      const { Name, Content } = legible(Properties) as { Name: string; Content: AutomationDocument }
      return [Name, { ...Content, parameters: Content.parameters ?? {} }] as const
    }),
  )
const plain = documentsOf(synthesize())
const approved = documentsOf(synthesize(configure({ approvers })))
const zkDocuments = documentsOf(synthesize(configure({ zkChains: [zk] })))

test('each workflow can be started, watched and aborted; and the acts of any hour', () => {
  expect([...plain.keys()].toSorted()).toEqual(
    [
      'Act',
      'AbortBackfill',
      'AbortCrashRecovery',
      'AbortDisaster',
      'AbortSwitchover',
      'AbortUpgrade',
      'Backfill',
      'CrashRecovery',
      'Disaster',
      'Runbooks',
      'Switchover',
      'Upgrade',
      'WatchBackfill',
      'WatchCrashRecovery',
      'WatchDisaster',
      'WatchSwitchover',
      'WatchUpgrade',
    ]
      .map((name) => `Baton-prod-${name}`)
      .toSorted(),
  )
})

test.each([backfill, crashRecovery, disaster, switchover, upgrade].map((each) => [each.name, each] as const))(
  'Abort%s says that a running step continues, and for how long at most',
  (name, { handlerSeconds }) => {
    const { description } = plain.get(`Baton-prod-Abort${name}`) ?? { description: '' }
    const [, count = '', unit = ''] = /continues for up to (\d+) (seconds|minutes)/.exec(description) ?? []
    const told = Number(count) * (unit === 'minutes' ? 60 : 1)
    expect(told).toBeGreaterThanOrEqual(handlerSeconds)
    expect(told).toBeLessThan(handlerSeconds + 60)
  },
)

describe.each([...plain, ...[...approved].map(([name, content]) => [`${name}, approved`, content] as const)])(
  '%s',
  (name, content) => {
    test('is what Systems Manager takes', () => {
      validate(content)
      expect(validate.errors ?? []).toEqual([])
    })

    test('has a role, a guide, and steps that lead to an end', () => {
      // The runbooks only tell.
      if (!name.startsWith('Baton-prod-Runbooks')) expect(content.assumeRole).toBe('<BatonDocumentsRole.Arn>')
      expect(content.description.length).toBeGreaterThan(40)
      const steps = content.mainSteps as { name: string; isEnd?: boolean; nextStep?: string }[]
      expect(steps.at(-1)?.isEnd).toBe(true)
      for (const { nextStep } of steps) {
        if (nextStep !== undefined) expect(steps.map(({ name }) => name)).toContain(nextStep)
      }
    })

    test('every parameter is bounded by a pattern or a list', () => {
      for (const [name, { allowedPattern, allowedValues }] of Object.entries(content.parameters)) {
        expect(allowedPattern ?? allowedValues, name).toBeDefined()
        if (allowedPattern !== undefined) expect(allowedPattern).toMatch(/^\^.*\$$/)
      }
    })

    test('every parameter is used, and every one that is used exists', () => {
      const steps = JSON.stringify(content.mainSteps)
      const used = new Set([...steps.matchAll(/\{\{ ([A-Za-z]+) \}\}/g)].map(([, name]) => name))
      expect([...used].toSorted()).toEqual(Object.keys(content.parameters).toSorted())
    })
  },
)

test('the schema refuses what is wrong: it is no rubber stamp', () => {
  const [, content] = [...plain][0] ?? []
  const [step] = content?.mainSteps ?? []
  expect(validate({ ...content, mainSteps: [{ ...step, action: 'aws:noSuchAction' }] })).toBe(false)
  expect(validate({ ...content, mainSteps: [{ ...step, inputs: {} }] })).toBe(false)
})

test('with approvers, a dangerous workflow asks first, unless it only looks, on a topic that Systems Manager may use', () => {
  for (const name of ['Switchover', 'CrashRecovery', 'Upgrade', 'Disaster']) {
    const [first, second, third] = approved.get(`Baton-prod-${name}`)?.mainSteps ?? []
    const dry = { NextStep: 'Start', Variable: '{{ DryRun }}', StringEquals: 'true' }
    expect(first).toMatchObject({ action: 'aws:branch', inputs: { Choices: [dry], Default: 'Approve' } })
    expect(second).toMatchObject({ action: 'aws:approve', inputs: { Approvers: approvers, MinRequiredApprovals: 1 } })
    expect(second).toMatchObject({ name: 'Approve', onFailure: 'Abort', nextStep: 'Start' })
    expect(third).toMatchObject({ name: 'Start', isEnd: true })
  }
  const topics = resourcesOf(synthesize(configure({ approvers })), 'AWS::SNS::Topic')
  expect(
    topics.map(([, { Properties }]) => String(Properties.TopicName)).filter((name) => /^Automation/.test(name)),
  ).toHaveLength(1)
  for (const name of ['Baton-prod-WatchSwitchover', 'Baton-prod-AbortSwitchover', 'Baton-prod-Act']) {
    expect(JSON.stringify(approved.get(name)?.mainSteps)).not.toContain('aws:approve')
  }
})

/** What a pattern lets through, as Systems Manager matches it. */
function admits(name: string, parameter: string, value: string): boolean {
  const { allowedPattern, allowedValues } = plain.get(name)?.parameters[parameter] ?? {}
  if (allowedValues) return allowedValues.includes(value)
  return new RegExp(allowedPattern ?? '(?!)').test(value)
}

/** Every text that an operator can put into a step. */
const inputs = [...plain].flatMap(([name, { parameters = {} }]) =>
  Object.keys(parameters).map((parameter) => [name, parameter] as const),
)

describe.each(inputs)('%s: %s', (name, parameter) => {
  test.each(attacks)('does not let %j through', (attack) => {
    expect(admits(name, parameter, attack)).toBe(false)
  })

  test('what it lets through is text that needs no quoting anywhere', () => {
    const { allowedPattern } = plain.get(name)?.parameters[parameter] ?? {}
    if (allowedPattern === undefined) return
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(allowedPattern)), (value) => {
        expect(value).toMatch(/^[A-Za-z0-9._+-]*$/)
        expect(value).not.toMatch(/^-/)
      }),
    )
  })
})

/** What a start document makes of values that are typed in, as Systems Manager fills them in. */
function fill(document: AutomationDocument | undefined, typed: Readonly<Record<string, string>>): unknown {
  const { inputs } = (document?.mainSteps.at(-1) ?? {}) as { inputs?: { input: string } }
  return JSON.parse((inputs?.input ?? '').replace(/\{\{ ([A-Za-z:_]+) \}\}/g, (_, name: string) => typed[name] ?? ''))
}

test.each<[string, v.GenericSchema]>([
  ['Switchover', switchoverInput],
  ['Backfill', backfillInput],
  ['CrashRecovery', recoveryInput],
  ['Upgrade', upgradeInput],
  ['Disaster', disasterInput],
  ['Resequence', resequenceInput],
])('%s: whatever is let through is what its function takes', (name, schema) => {
  const document = zkDocuments.get(`Baton-prod-${name}`)
  const typed = Object.entries(document?.parameters ?? {}).map(([parameter, { allowedPattern, allowedValues }]) => {
    const values = allowedValues
      ? fc.constantFrom(...allowedValues)
      : fc.stringMatching(new RegExp(parameter === 'Chain' ? '^[1-9][0-9]{0,15}$' : (allowedPattern ?? '')))
    return [parameter, values] as const
  })
  expect(typed.length).toBeGreaterThan(2)
  const each: Record<string, fc.Arbitrary<string>> = Object.fromEntries(typed)
  const values = fc.record({ ...each, 'automation:EXECUTION_ID': fc.uuid() })
  fc.assert(
    fc.property(values, (filled) => {
      const input = fill(document, filled) as { chain: string; by: string }
      const { success, issues } = v.safeParse(schema, input)
      expect(issues?.map(({ message }) => message)).toBeUndefined()
      expect(success).toBe(true)
      expect(input.chain).toBe((filled as Record<string, string>).Chain)
      expect(input.by).toBe(`automation ${filled['automation:EXECUTION_ID']}`)
    }),
  )
})

test('whatever is let through, the input of the state machine is JSON with these fields and no others', () => {
  const content = plain.get('Baton-prod-Switchover')
  const { Chain, To } = content?.parameters ?? {}
  const start = (content?.mainSteps.at(-1) ?? {}) as { inputs?: { input: string } }
  const values = fc.record({
    Chain: fc.stringMatching(new RegExp(Chain?.allowedPattern ?? '')),
    To: fc.stringMatching(new RegExp(To?.allowedPattern ?? '')),
    DryRun: fc.constantFrom('true', 'false'),
    'automation:EXECUTION_ID': fc.uuid(),
  })
  fc.assert(
    fc.property(values, (typed) => {
      const text = (start.inputs?.input ?? '').replace(
        /\{\{ ([A-Za-z:_]+) \}\}/g,
        (_, name: string) => typed[name as keyof typeof typed],
      )
      expect(JSON.parse(text)).toEqual({
        chain: typed.Chain,
        to: typed.To,
        dryRun: typed.DryRun === 'true',
        by: `automation ${typed['automation:EXECUTION_ID']}`,
      })
    }),
  )
})
