import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseResequenceConfig } from '../../lib/operations/resequence/config.ts'
import { configure, resourcesOf, synthesize } from './app.ts'
import { legible } from './resolve.ts'
import { zk } from './zk-chain.ts'

const { host } = zk.sequencer
const template = synthesize(configure({ zkChains: [zk] }))

type Statement = { Action: string | string[]; Resource: string | string[]; Condition?: object }
const policies = [
  ...resourcesOf(template, 'AWS::IAM::Policy').map(([id, { Properties }]) => [id, Properties.PolicyDocument] as const),
  ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
    ((Properties.Policies ?? []) as { PolicyDocument: unknown }[]).map((own) => [id, own.PolicyDocument] as const),
  ),
]

/** What a role may do, to the letter: a line for each resource. */
function rights(role: string): Record<string, string> {
  const found: Record<string, string[]> = {}
  for (const [id, document] of policies) {
    if (!id.startsWith(role)) continue
    for (const { Action, Resource } of (legible(document) as { Statement: Statement[] }).Statement)
      for (const resource of [Resource].flat()) found[resource] = [...(found[resource] ?? []), ...[Action].flat()]
  }
  return Object.fromEntries(
    Object.entries(found).map(([resource, actions]) => [resource, actions.toSorted().join(' ')]),
  )
}

const at = (service: string, resource: string) =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`

test('the function may carry runs of these chains, and nothing of the conductor', () => {
  const { '*': anywhere, ...own } = rights('ResequencingResequenceFunctionRole')
  expect(anywhere).toContain('ssm:GetCommandInvocation')
  expect(anywhere).not.toContain('ssm:SendCommand')
  const onDocuments = Object.entries(own).filter(([resource]) => resource.includes(':document/'))
  const rest = Object.fromEntries(Object.entries(own).filter(([resource]) => !resource.includes(':document/')))
  expect(rest).toEqual({
    '<ResequencingResequenceFunctionLogs.Arn>': 'logs:CreateLogStream logs:PutLogEvents',
    '<BatonStoreLeases.Arn>': 'dynamodb:UpdateItem',
    '<BatonStoreHistory.Arn>': 'dynamodb:PutItem',
    '<BatonStoreArchive.Arn>/resequence/1101/*': 's3:GetObject s3:PutObject',
    '<BatonStoreArchive.Arn>': 's3:ListBucket',
    [at('ssm', 'parameter/baton/prod/chains/1101/resequence')]: 'ssm:GetParameter ssm:GetParameters',
    [at('ec2', 'instance/i-0a1b2c3d4e5f60718')]: 'ssm:SendCommand',
  })
  expect(onDocuments.length).toBeGreaterThan(15)
  for (const [resource, actions] of onDocuments) {
    expect(resource).toMatch(/document\/<ResequencingHostscdkerigon/)
    expect(actions).toBe('ssm:SendCommand')
  }
})

test('its lease is the only item it may write', () => {
  const [, document] = policies.find(([id]) => id.startsWith('ResequencingResequenceFunctionRoleDefault')) ?? []
  const { Statement } = legible(document) as { Statement: Statement[] }
  expect(Statement.find(({ Action }) => Action === 'dynamodb:UpdateItem')?.Condition).toEqual({
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['monitor#resequence/1101'] },
  })
})

test('it can be started, watched and aborted by whoever runs the other documents', () => {
  const names = resourcesOf(template, 'AWS::SSM::Document').map(([, { Properties }]) => String(Properties.Name))
  for (const name of ['Resequence', 'WatchResequence', 'AbortResequence', 'cdk-erigon-unwind'])
    expect(names).toContain(`Baton-prod-${name}`)
  expect(rights('BatonDocumentsRole')['<ResequencingResequenceStateMachine>']).toBe('states:StartExecution')
})

test('what is deployed is what the function reads: its own documents, and no store', () => {
  const parameters = resourcesOf(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties)
  const { Value } = parameters.find(({ Name }) => Name === '/baton/prod/chains/1101/resequence') ?? {}
  const written = JSON.parse(String(Value)) as object
  expect(written).not.toHaveProperty('store')
  const { sequencer } = parseResequenceConfig({ ...written, store: { objects: { kind: 's3', bucket: 'b' } } }, 'it')
  expect(sequencer.host).toEqual({ ...host, documents: 'Baton-prod' })
  const functions = resourcesOf(template, 'AWS::Lambda::Function')
  const [, own] = functions.find(([id]) => id.startsWith('ResequencingResequenceFunction')) ?? []
  expect(legible(own?.Properties.Environment)).toMatchObject({ Variables: { BATON_CHAINS: '1101' } })
})

test.each([
  ['a shell', { sequencer: { ...zk.sequencer, host: { kind: 'shell', stack: 'cdk-erigon' } } }, 'sequencer.host'],
  [
    'documents of somebody else',
    { sequencer: { ...zk.sequencer, host: { ...host, documents: 'X' } } },
    'sequencer.host',
  ],
  ['a store', { store: { objects: { kind: 's3', bucket: 'x' } } }, 'zkChains[0].store'],
  ['no L1', { l1: undefined }, 'zkChains[0].l1'],
  ['a field nobody knows', { colour: 'red' }, 'zkChains[0].colour'],
])('%s is refused before anything is deployed', (_, change, path) => {
  expect(() => configure({ zkChains: [{ ...zk, ...change }] })).toThrow(path)
})

test('a chain twice is refused', () => {
  expect(() => configure({ zkChains: [zk, zk] })).toThrow('zkChains[1].chain.id')
})

test('the configuration of docs/resequence.md, without its store, can be deployed', () => {
  const docs = readFileSync(new URL('../../docs/resequence.md', import.meta.url), 'utf8')
  const [, json = ''] = /```json\n(\{\n {2}"zkChains"[\s\S]*?)\n```/.exec(docs) ?? []
  expect(configure(JSON.parse(json)).zkChains).toHaveLength(1)
})
