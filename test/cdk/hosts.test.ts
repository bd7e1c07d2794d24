import { Template } from 'aws-cdk-lib/assertions'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { stacks } from '../../lib/host/stacks.ts'
import type { CommandDocument } from '../../lib/host/step.ts'
import { build, configure, resourcesOf, sample, synthesize } from './app.ts'
import { attacks } from './attacks.ts'
import { legible } from './resolve.ts'

/** Systems Manager's schema 2.2, as far as our documents use it; the published one knows Automation only. */
const commandSchema = v.strictObject({
  schemaVersion: v.literal('2.2'),
  description: v.pipe(v.string(), v.minLength(1)),
  parameters: v.record(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9]+$/)),
    v.strictObject({ type: v.literal('String'), description: v.string(), allowedPattern: v.string() }),
  ),
  mainSteps: v.tuple([
    v.strictObject({
      action: v.literal('aws:runShellScript'),
      name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{3,128}$/)),
      precondition: v.strictObject({ StringEquals: v.tuple([v.literal('platformType'), v.literal('Linux')]) }),
      inputs: v.strictObject({
        timeoutSeconds: v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/)),
        runCommand: v.array(v.string()),
      }),
    }),
  ]),
})

const [chain] = sample().chains as { nodes: object[] }[]
const instances = ['i-0a1b2c3d4e5f60718', 'i-0b1b2c3d4e5f60718', 'mi-0c1b2c3d4e5f60718']
const withHosts = (change: object = {}) => {
  const nodes = chain?.nodes.map((node, i) => ({
    ...node,
    host: { kind: 'ssm', stack: 'op-geth', instance: instances[i], ...change },
  }))
  return configure({ chains: [{ ...chain, nodes }] })
}

/** The Command documents of a template, by name. */
function documentsOf(template: Template): Map<string, CommandDocument> {
  return new Map(
    resourcesOf(template, 'AWS::SSM::Document')
      .map(
        ([, { Properties }]) => legible(Properties) as { Name: string; DocumentType: string; Content: CommandDocument },
      )
      .filter(({ DocumentType }) => DocumentType === 'Command')
      .map(({ Name, Content }) => [Name, Content]),
  )
}

/** A stack with a role that may run the steps, asked for before any chain is placed or after. */
function withRunner(config = withHosts()) {
  const { stack } = build(config)
  const role = new Role(stack, 'Runner', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  stack.baton.hosts?.grantRun(role)
  const policies = resourcesOf(Template.fromStack(stack), 'AWS::IAM::Policy')
  return policies
    .filter(([id]) => id.startsWith('Runner'))
    .map(([, { Properties }]) => legible(Properties.PolicyDocument))
}

test('without machines there are no documents for them, and no right to run any', () => {
  expect(documentsOf(synthesize()).size).toBe(0)
  expect(withRunner(configure())).toEqual([])
})

test('three nodes of one kind: each of its steps is one document', () => {
  const names = Object.keys(stacks['op-geth']).map((step) => `Baton-prod-op-geth-${step}`)
  expect([...documentsOf(synthesize(withHosts())).keys()].toSorted()).toEqual(names.toSorted())
})

test('the functions are told whose documents they are; those of somebody else are left to them', () => {
  const told = (config = withHosts()) => {
    const parameters = resourcesOf(synthesize(config), 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties)
    const { Value } = parameters.find(({ Name }) => String(Name).endsWith('/config')) ?? {}
    return (JSON.parse(String(Value)) as { nodes: { host: { documents: string } }[] }).nodes[0]?.host.documents
  }
  expect(told()).toBe('Baton-prod')
  expect(told(withHosts({ documents: 'Ours' }))).toBe('Ours')
  expect(documentsOf(synthesize(withHosts({ documents: 'Ours' }))).size).toBe(0)
})

test('who may run them may run nothing else, and nowhere else', () => {
  const [policy] = withRunner() as [{ Statement: { Action: string; Resource: string[] | string }[] }]
  const [send, look] = policy.Statement
  const at = (service: string, resource: string) =>
    `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`
  expect(send?.Action).toBe('ssm:SendCommand')
  const documents = [send?.Resource].flat().filter((resource) => resource?.includes(':document/'))
  expect(documents).toHaveLength(Object.keys(stacks['op-geth']).length)
  expect([send?.Resource].flat().filter((resource) => !resource?.includes(':document/'))).toEqual([
    at('ec2', `instance/${instances[0]}`),
    at('ec2', `instance/${instances[1]}`),
    at('ssm', `managed-instance/${instances[2]}`),
  ])
  expect(look).toMatchObject({ Action: 'ssm:GetCommandInvocation', Resource: '*' })
})

const hosted = resourcesOf(synthesize(withHosts()), 'AWS::IAM::Policy')

test.each([
  ['Upgrade', 'upgrade'],
  ['Disaster', 'restartconsensus'],
])('%s may run the step "%s" and no other', (workflow, step) => {
  const [, policy] = hosted.find(([id]) => id.includes(`${workflow}FunctionRole`)) ?? []
  const { Statement } = legible(policy?.Properties.PolicyDocument) as {
    Statement: { Action: string | string[]; Resource: string | string[] }[]
  }
  const sent = Statement.filter(({ Action }) => Action === 'ssm:SendCommand').flatMap(({ Resource }) => Resource)
  expect(sent.filter((resource) => resource.includes(':document/'))).toEqual([
    expect.stringContaining(`document/<BatonHostsopgeth${step}`),
  ])
  expect(sent).toHaveLength(1 + instances.length)
})

test('a shell is refused: no function has one on a node', () => {
  expect(() => withHosts({ kind: 'shell', instance: undefined })).toThrow(/nodes\[0\]\.host\.kind: "shell" is for/)
})

const every = Object.keys(stacks).flatMap((stack) => [...documentsOf(synthesize(withHosts({ stack })))])

describe.each(every)('%s', (_, content) => {
  test('is what Systems Manager takes', () => {
    expect(v.safeParse(commandSchema, content).issues).toBeUndefined()
  })

  test('has no parameter that lets more than a plain word through', () => {
    for (const [name, { allowedPattern }] of Object.entries(content.parameters)) {
      expect(allowedPattern, name).toMatch(/^\^.*\$$/)
      const admitted = attacks.filter((attack) => new RegExp(allowedPattern).test(attack))
      expect(admitted, name).toEqual([])
    }
  })

  test('uses each parameter, inside single quotes', () => {
    const text = JSON.stringify(content.mainSteps)
    const used = new Set([...text.matchAll(/\{\{ (\w+) \}\}/g)].map(([, name]) => name))
    expect([...used].toSorted()).toEqual(Object.keys(content.parameters).toSorted())
    const [step] = content.mainSteps as { inputs: { runCommand: string[] } }[]
    for (const line of step?.inputs.runCommand.slice(1) ?? []) {
      // A quote within a word is written as '\'': the word ends, a quote follows, the word goes on.
      expect(line.replace(/'(?:[^']|'\\'')*'/g, '')).toMatch(/^ *$/)
    }
  })
})
