import type { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { configure, resourcesOf, synthesize } from './app.ts'
import { legible, plain } from './resolve.ts'
import { list, type Statement } from './roles.ts'
import { zk } from './zk-chain.ts'

const approvers = ['arn:aws:iam::123456789012:role/approver']
const template = synthesize(configure({ approvers }))

/** The statements of a managed policy, references replaced by names. */
function statementsOf(of: Template, policy: string): Statement[] {
  const found = resourcesOf(of, 'AWS::IAM::ManagedPolicy').find(([id]) => id.startsWith(`Policies${policy}`))
  const { PolicyDocument } = legible(found?.[1].Properties ?? {}) as { PolicyDocument: { Statement: Statement[] } }
  return PolicyDocument.Statement
}

/** What a policy allows, as `action on resource`. */
const rightsOf = (policy: string, of = template) =>
  statementsOf(of, policy).flatMap(({ Action, Resource }) =>
    list(Action).flatMap((action) => list(Resource).map((resource) => `${action} on ${resource}`)),
  )

test.each(['Viewer', 'Operator', 'Cli', 'Approver'])('%s is an output', (policy) => {
  const { [`${policy}Policy`]: output } = legible(template.toJSON().Outputs) as Record<string, { Value: string }>
  expect(output?.Value).toBe(`<Policies${policy}>`)
})

test('without approvers there is no policy for approving', () => {
  const outputs = synthesize().toJSON().Outputs
  expect(outputs).toHaveProperty('OperatorPolicy')
  expect(outputs).not.toHaveProperty('ApproverPolicy')
})

test('a viewer reads, and changes nothing', () => {
  const actions = statementsOf(template, 'Viewer').flatMap(({ Action }) => list(Action))
  // Rendering the page is a call; its function may only read (iam.test.ts).
  const changing = actions.filter((action) => !/:(Get|List|Describe|Filter|StartQuery)/.test(action))
  expect(changing).toEqual(['lambda:InvokeFunction'])
  expect(rightsOf('Viewer').filter((right) => right.startsWith('lambda:'))).toEqual([
    'lambda:InvokeFunction on <BatonWidgetFunction.Arn>',
    'lambda:InvokeFunction on <BatonWidgetFunction.Arn>:*',
  ])
  expect(rightsOf('Viewer')).toContain(
    'ssm:GetDocument on arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:document/<BatonRunbooksDocument>',
  )
})

describe('an operator', () => {
  test('presses the buttons and runs the documents, but with approvers starts nothing dangerous past them', () => {
    expect(rightsOf('Operator')).toContain('lambda:InvokeFunction on <BatonActFunction.Arn>')
    expect(rightsOf('Operator').filter((right) => right.startsWith('states:StartExecution'))).toEqual([
      'states:StartExecution on <BatonBackfillStateMachine>',
    ])
    expect(rightsOf('Operator').filter((right) => /SendAutomationSignal|dynamodb:|s3:/.test(right))).toEqual([])
  })
  test('also re-sequences', () => {
    const rights = rightsOf('Operator', synthesize(configure({ zkChains: [zk] })))
    expect(rights).toContain('states:StartExecution on <ResequencingResequenceStateMachine>')
  })
})

test('the command line has its tables, payloads and parameters, never the secrets of the gate', () => {
  const parameter = (name: string) =>
    `arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/baton/prod/${name}`
  const tables = ['Heads', 'Leases', 'History', 'Payloads'].map((table) => `<BatonStore${table}.Arn>`)
  const bucket = '<BatonStoreArchive.Arn>'
  expect(rightsOf('Cli').toSorted()).toEqual(
    [
      ...['GetItem', 'PutItem', 'Query', 'UpdateItem'].flatMap((action) =>
        tables.map((table) => `dynamodb:${action} on ${table}`),
      ),
      `s3:ListBucket on ${bucket}`,
      `s3:GetObject on ${bucket}/*/payloads/*`,
      `s3:GetObject on ${bucket}/*/spill/*`,
      `s3:PutObject on ${bucket}/*/payloads/*`,
      ...['GetParameter', 'GetParameters'].flatMap((action) =>
        ['chains/*/config', 'chains/*/nodes/*/jwt', 'store'].map((name) => `ssm:${action} on ${parameter(name)}`),
      ),
    ].toSorted(),
  )
})

test('an approver approves, and starts nothing', () => {
  const actions = statementsOf(template, 'Approver').flatMap(({ Action }) => list(Action))
  expect(actions).toContain('ssm:SendAutomationSignal')
  expect(actions.filter((action) => /Start|Invoke|Stop/.test(action))).toEqual([])
})

test('each fits into a managed policy: 6,144 characters', () => {
  const largest = synthesize(configure({ name: 'production-of-all-chains', zkChains: [zk] }))
  const longest: Readonly<Record<string, number>> = { 'AWS::Partition': 10, 'AWS::Region': 14, 'AWS::AccountId': 12 }
  for (const [id, { Properties }] of resourcesOf(largest, 'AWS::IAM::ManagedPolicy')) {
    const text = JSON.stringify(plain(Properties.PolicyDocument))
    // A document's reference is its name; any other is an ARN or a name of the stack.
    const resolved = text.replace(/<([^>]+)>/g, (_, name: string) =>
      'x'.repeat(longest[name] ?? (/Documents|Runbooks/.test(name) ? 50 : 110)),
    )
    expect(resolved.length, id).toBeLessThanOrEqual(6_144)
  }
})
