import { Template } from 'aws-cdk-lib/assertions'
import { describe, expect, test } from 'vitest'
import { build, configure, resourcesOf, sample, synthesize } from './app.ts'

// What a deploy must never do: let the gate find an empty table of heads.

const [chain] = sample().chains as { chain: { id: number; name: string } }[]
const second = { ...chain, chain: { ...chain?.chain, id: 902, name: 'another' } }
const { app, stack } = build(configure({ chains: [chain, second] }))
const two = Template.fromStack(stack)
const one = synthesize()

/** The tables and the bucket of a template, by logical id. */
const kept = (template: Template) => [
  ...resourcesOf(template, 'AWS::DynamoDB::GlobalTable'),
  ...resourcesOf(template, 'AWS::S3::Bucket'),
]

const earlier = {
  heads: 'earlier-heads',
  headsStream: 'arn:aws:dynamodb:eu-west-1:123456789012:table/earlier-heads/stream/2026-11-29T10:00:00.000',
  leases: 'earlier-leases',
  history: 'earlier-history',
  historyStream: 'arn:aws:dynamodb:eu-west-1:123456789012:table/earlier-history/stream/2026-11-29T10:00:00.000',
  payloads: 'earlier-payloads',
  bucket: 'earlier-bucket',
}

// CloudFormation takes a resource with another logical id for another one: it would make an empty table.
test('the logical ids of tables and bucket are those of every version before', () => {
  expect(
    kept(one)
      .map(([id]) => id)
      .toSorted(),
  ).toEqual([
    'BatonStoreArchiveF0C01A51',
    'BatonStoreHeadsB43D29F2',
    'BatonStoreHistory7EC88B32',
    'BatonStoreLeasesF4604DF0',
    'BatonStorePayloadsDA1341EF',
  ])
})

test('removing a chain from a stack changes no table, and keeps the chain’s items', () => {
  const tables = (template: Template) => resourcesOf(template, 'AWS::DynamoDB::GlobalTable')
  expect(tables(one)).toEqual(tables(two))
  expect(kept(one).map(([id]) => id)).toEqual(kept(two).map(([id]) => id))
  const parameters = (template: Template) =>
    resourcesOf(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => String(Properties.Name))
  expect(parameters(two)).toContain('/baton/prod/chains/902/config')
  expect(parameters(one)).not.toContain('/baton/prod/chains/902/config')
})

test('a stack cannot be destroyed by one command, unless its configuration says so', () => {
  expect(app.synth().getStackByName('Baton-prod').terminationProtection).toBe(true)
  const { app: open } = build(configure({ terminationProtection: false }))
  expect(open.synth().getStackByName('Baton-prod').terminationProtection).toBe(false)
})

describe('a stack with another name, or one made again, over tables that stayed', () => {
  const template = synthesize(configure({ name: 'renamed', store: earlier }))

  test('makes no table and no bucket', () => {
    expect(kept(template)).toEqual([])
  })

  test('gate, monitor and all others go to them', () => {
    const functions = resourcesOf(template, 'AWS::Lambda::Function')
    expect(functions.length).toBeGreaterThan(9)
    for (const [id, { Properties }] of functions) {
      const { Variables } = Properties.Environment as { Variables: object }
      expect(Variables, id).toMatchObject({
        BATON_HEADS_TABLE: 'earlier-heads',
        BATON_LEASES_TABLE: 'earlier-leases',
        BATON_HISTORY_TABLE: 'earlier-history',
        BATON_PAYLOADS_TABLE: 'earlier-payloads',
        BATON_BUCKET: 'earlier-bucket',
      })
    }
    const sources = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(
      ([, { Properties }]) => Properties.EventSourceArn,
    )
    expect(sources.toSorted()).toEqual([earlier.headsStream, earlier.historyStream])
    const [[, gate] = []] = resourcesOf(template, 'AWS::IAM::Policy').filter(([id]) => id.includes('GateFunctionRole'))
    expect(JSON.stringify(gate)).toContain(':table/earlier-heads')
  })

  test('the CLI finds them where it reads the place of the records', () => {
    const place = resourcesOf(template, 'AWS::SSM::Parameter').find(
      ([, { Properties }]) => Properties.Name === '/baton/renamed/store',
    )
    expect(JSON.parse(String(place?.[1].Properties.Value))).toMatchObject({
      tables: { heads: 'earlier-heads', leases: 'earlier-leases', history: 'earlier-history' },
      objects: { kind: 's3', bucket: 'earlier-bucket', payloads: 'earlier-payloads' },
    })
  })

  const other = earlier.headsStream.replace('earlier', 'staging')
  test.each<[object, RegExp]>([
    [{ headsStream: other }, /store\.headsStream.* the stream of "staging-heads"/s],
    [{ headsStream: earlier.historyStream }, /store\.headsStream.* the stream of "earlier-history"/s],
    [{ historyStream: other }, /store\.historyStream.* the stream of "staging-heads"/s],
    [{ leases: 'earlier-heads' }, /store\.leases.* also "heads"/s],
    [{ payloads: 'earlier-history' }, /store\.payloads.* also "history"/s],
  ])('tables that do not belong together are refused: %j', (change, problem) => {
    expect(() => configure({ region: 'eu-west-1', store: { ...earlier, ...change } })).toThrow(problem)
  })

  test('a stream of another region or account is refused', () => {
    expect(() => configure({ region: 'us-east-1', store: earlier })).toThrow(/store\.headsStream.* is in eu-west-1/s)
    expect(() => configure({ account: '210987654321', store: earlier })).toThrow(
      /store\.headsStream.* is in account 123456789012/s,
    )
  })

  test('tables that exist cannot become global', () => {
    const globalHeads = { replicas: ['eu-central-1', 'eu-west-2'] }
    expect(() => configure({ region: 'eu-west-1', globalHeads, store: earlier })).toThrow(/"globalHeads" or "store"/)
  })
})

// A first deploy that fails leaves behind what is retained. A second one must not meet it under the same name.
test('what outlives a stack has no name of its own: a first deploy that failed can be repeated', () => {
  const resources = one.toJSON().Resources as Record<
    string,
    { Type: string; DeletionPolicy?: string; Properties: Record<string, unknown> }
  >
  const retained = Object.entries(resources).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
  expect(retained.length).toBeGreaterThan(15)
  for (const [id, { Properties }] of retained) {
    const name = Properties.TableName ?? Properties.BucketName ?? Properties.LogGroupName
    // A name with the id of the stack is another one for the next stack.
    if (name !== undefined) expect(JSON.stringify(name), id).toContain('AWS::StackId')
  }
})
