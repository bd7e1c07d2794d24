import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAppConfig, readAppConfig } from '../../lib/cdk/app-config.ts'
import { type ChainSettings, renderChainSettings } from '../../lib/cdk/chain-settings.ts'
import { ConfigurationError } from '../../lib/config/error.ts'
import { sample } from './app.ts'

type Sample = { chains: { chain: Record<string, unknown>; nodes: Record<string, unknown>[] }[] }

/** What is said about the sample after a change. */
function refusalOf(change: (config: Record<string, unknown> & Sample) => void): string {
  const config = sample() as Record<string, unknown> & Sample
  change(config)
  try {
    parseAppConfig(JSON.stringify(config), 'baton.config.json')
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  return 'nothing was refused'
}

const chain = (config: Sample) => config.chains[0] as Sample['chains'][number]
const node = (config: Sample, index: number) => chain(config).nodes[index] as Record<string, unknown>

type Network = { subnets: Record<string, unknown>[] }
const network = (config: Record<string, unknown>) => config.network as Network
const subnet = (config: Record<string, unknown>, index: number) => network(config).subnets[index] as object

const streamOf = (table: string) => `arn:aws:dynamodb:eu-west-1:123456789012:table/${table}/stream/2026-01-01`
const store = {
  heads: 'prod-heads',
  headsStream: streamOf('prod-heads'),
  leases: 'prod-leases',
  history: 'prod-history',
  historyStream: streamOf('prod-history'),
  bucket: 'prod-bucket',
}

test('the sample is fine', () => {
  expect(() => readAppConfig(new URL('../../samples/baton.config.json', import.meta.url).pathname)).not.toThrow()
})

test('a file that is not there, or is no JSON', () => {
  expect(() => readAppConfig('/nowhere/baton.config.json')).toThrow(
    /there is no such file to read; write one like samples\/baton.config.json/,
  )
  expect(() => parseAppConfig('{"gate": }')).toThrow(/line 1, column \d+: /)
})

describe('names the field and what to write instead', () => {
  test.each<[string, (config: Record<string, unknown> & Sample) => void, RegExp]>([
    [
      'a node twice',
      (c) => void Object.assign(node(c, 1), { name: 'seq-a' }),
      /chains\[0\]\.nodes\[1\]\.name: "seq-a" is also the name of nodes\[0\]; write /,
    ],
    [
      'a wrong URL',
      (c) => void Object.assign(node(c, 0), { consensus: 'seq-a:9545' }),
      /chains\[0\]\.nodes\[0\]\.consensus: .* write the URL of the op-node RPC/,
    ],
    [
      'a wrong chain id',
      (c) => void Object.assign(chain(c).chain, { id: 'nine' }),
      /chains\[0\]\.chain\.id: "nine" is not allowed; write the chain id as an integer/,
    ],
    ['no chain id', (c) => void delete chain(c).chain.id, /chains\[0\]\.chain\.id: is missing; write the chain id/],
    [
      'equal ranks',
      (c) => void Object.assign(node(c, 2), { priority: 20 }),
      /chains\[0\]\.nodes\[2\]\.priority: 20 is also the priority of "seq-b"; write an integer that no other node has/,
    ],
    [
      'no ranks at all',
      (c) => chain(c).nodes.forEach((each) => void delete each.priority),
      /nodes\[1\]\.priority: 0 is also the priority of "seq-a"/,
    ],
    [
      'a secret in the file',
      (c) => void Object.assign(node(c, 0), { secrets: ['hunter2hunter2'] }),
      /chains\[0\]\.nodes\[0\]\.secrets: a secret must not be in this file; write nothing: secrets are kept in the Parameter Store/,
    ],
    [
      'a field of `baton start`',
      (c) => void Object.assign(chain(c), { gate: { port: 8547 } }),
      /chains\[0\]\.gate: there is no such field in a deployed chain/,
    ],
    ['a chain twice', (c) => void c.chains.push(chain(c)), /chains\[1\]\.chain\.id: 901 is also the id of chains\[0\]/],
    ['no chain', (c) => void Object.assign(c, { chains: [] }), /chains: .*write a list of at least one chain/],
    [
      'a typo',
      (c) => void Object.assign(c, { gatway: {} }),
      /gatway: there is no such field; write an object with "gate" and "chains"/,
    ],
    [
      'a typo in a chain',
      (c) => void Object.assign(node(c, 0), { prioritty: 1 }),
      /chains\[0\]\.nodes\[0\]\.prioritty: there is no such field/,
    ],
    ['no gate', (c) => void delete c.gate, /gate: is missing; write \{"access": "private-api"\}/],
    [
      'a private API without a VPC',
      (c) => void delete c.network,
      /network: is missing: a private API needs a VPC; write /,
    ],
    [
      'a private API nobody may call',
      (c) => void Object.assign(c, { gate: { access: 'private-api' } }),
      /gate\.clients: is empty: no op-node could call the gate/,
    ],
    [
      'a subnet that is none',
      (c) => void Object.assign(c, { network: { vpc: 'vpc-0a1b2c3d', subnets: [{ id: 'net', zone: 'eu-west-1a' }] } }),
      /network\.subnets\[0\]\.id: "net" is not allowed; write the id of a subnet/,
    ],
    [
      'an address range that is none',
      (c) => void Object.assign(c, { gate: { access: 'private-api', clients: ['10.0.0.0'] } }),
      /gate\.clients\[0\]: "10\.0\.0\.0" is not allowed; write an address range/,
    ],
    [
      'routes without a table',
      (c) => void Object.assign(c.network as object, { endpoints: ['s3'] }),
      /network\.routeTables: is empty/,
    ],
    [
      'an account as a number',
      (c) => void Object.assign(c, { account: 123456789012 }),
      /account: 123456789012 is not allowed; write an account id of twelve digits in quotes/,
    ],
    [
      'one other region',
      (c) => void Object.assign(c, { region: 'eu-west-1', globalHeads: { replicas: ['eu-central-1'] } }),
      /globalHeads: does not name two other regions/,
    ],
    [
      'a policy that cannot be',
      (c) => void Object.assign(chain(c), { policy: { slackMs: 5000 } }),
      /chains\[0\]\.policy\.slackMs: 5000 is not less than the block time/,
    ],
    [
      'an address range with a number above 255',
      (c) => void Object.assign(c, { gate: { access: 'private-api', clients: ['10.0.0.999/16'] } }),
      /gate\.clients\[0\]: "10\.0\.0\.999\/16" is not allowed; write an address range/,
    ],
    [
      'an address range of 33 bits',
      (c) => void Object.assign(c, { gate: { access: 'private-api', clients: ['10.0.0.0/33'] } }),
      /gate\.clients\[0\]: "10\.0\.0\.0\/33" is not allowed/,
    ],
    [
      'a subnet twice',
      (c) => void network(c).subnets.push({ ...subnet(c, 0), zone: 'eu-west-1c' }),
      /network\.subnets\[2\]\.id: "subnet-0a1b2c3d4e5f60718" is also network\.subnets\[0\]; write each subnet once/,
    ],
    [
      'two subnets of a zone, where an endpoint is made',
      (c) => void Object.assign(subnet(c, 1), { zone: 'eu-west-1a' }),
      /network\.subnets\[1\]\.zone: "eu-west-1a" is also the zone of network\.subnets\[0\], and a VPC endpoint has one subnet of a zone; write /,
    ],
    [
      'a zone of another region',
      (c) => void Object.assign(c, { region: 'eu-central-1' }),
      /network\.subnets\[0\]\.zone: "eu-west-1a" is not a zone of eu-central-1; write /,
    ],
    [
      'a topic of another region',
      (c) =>
        void Object.assign(c, { region: 'eu-west-1', alarms: { page: ['arn:aws:sns:us-east-1:123456789012:oncall'] } }),
      /alarms\.page\[0\]: is a topic of us-east-1: an alarm notifies topics of its own region, eu-west-1; write /,
    ],
    [
      'eleven approvers',
      (c) =>
        void Object.assign(c, {
          approvers: Array.from({ length: 11 }, (_, i) => `arn:aws:iam::123456789012:role/oncall-${i}`),
        }),
      /approvers: .*write a list of at most ten ARNs/,
    ],
    [
      'a bucket that cannot be',
      (c) => void Object.assign(c, { store: { ...store, bucket: 'My_Bucket' } }),
      /store\.bucket: "My_Bucket" is not allowed; write the name of the bucket/,
    ],
    [
      'a table that cannot be',
      (c) => void Object.assign(c, { store: { ...store, leases: 'prod/leases' } }),
      /store\.leases: "prod\/leases" is not allowed; write the name of the table of leases/,
    ],
    [
      'more chains than a Baton serves',
      (c) => {
        for (let id = 902; id < 912; id++) c.chains.push({ ...chain(c), chain: { ...chain(c).chain, id } })
      },
      /chains: has 11 chains with 33 nodes; write at most 10 chains with 40 nodes in all, and the others into another Baton/,
    ],
    [
      'more nodes than a Baton serves',
      (c) => {
        const nodes = Array.from({ length: 21 }, (_, i) => ({
          ...node(c, 0),
          name: `seq-${i}`,
          priority: i,
          consensus: `http://10.0.1.${i}:9545`,
          execution: `http://10.0.1.${i}:8545`,
        }))
        c.chains = [901, 902].map((id) => ({ ...chain(c), chain: { ...chain(c).chain, id }, nodes }))
      },
      /chains: has 2 chains with 42 nodes; write at most 10 chains with 40 nodes/,
    ],
    [
      'a chain with an endless name',
      (c) => void Object.assign(chain(c).chain, { name: 'n'.repeat(101) }),
      /chains\[0\]\.chain\.name: has 101 characters; write a name of at most 100 characters in one line/,
    ],
    [
      'a chain with a name of two lines',
      (c) => void Object.assign(chain(c).chain, { name: 'my\nrollup' }),
      /chains\[0\]\.chain\.name: has a line break or another control character; write a name/,
    ],
  ])('%s', (_, change, expected) => {
    expect(refusalOf(change)).toMatch(expected)
  })
})

test('two subnets of a zone are fine where no endpoint is made', () => {
  const oneZone = (config: Record<string, unknown> & Sample) =>
    void Object.assign(subnet(config, 1), { zone: 'eu-west-1a' })
  const given = { access: 'private-api', clients: ['10.0.0.0/16'], endpoint: 'vpce-0a1b2c3d4e5f60718' }
  for (const gate of [given, { access: 'sidecar' }]) {
    const made = refusalOf((config) => {
      oneZone(config)
      config.gate = gate
    })
    expect(made).toBe('nothing was refused')
  }
  const ssm = refusalOf((config) => {
    oneZone(config)
    config.gate = { access: 'sidecar' }
    Object.assign(network(config), { endpoints: ['ssm'] })
  })
  expect(ssm).toContain('network.subnets[1].zone')
})

test('every problem is told at once', () => {
  const message = refusalOf((config) => {
    node(config, 1).name = 'seq-a'
    node(config, 0).execution = 'nowhere'
    config.chains.push(chain(config))
  })
  expect(message.split('\n  ').length).toBeGreaterThanOrEqual(3)
})

test('an engine is named by its URL alone: where its secret is kept is not chosen', () => {
  const url = 'http://10.0.1.5:8551'
  expect(refusalOf((config) => void Object.assign(node(config, 0), { engine: { url } }))).toBe('nothing was refused')
  const engine = { url, jwt: { env: 'JWT' } }
  expect(refusalOf((config) => void Object.assign(node(config, 0), { engine }))).toContain(
    'nodes[0].engine.jwt: where the secret is kept is not chosen here; write nothing: a deployed Baton reads it from',
  )
  const settings = chain(sample() as Sample) as unknown as ChainSettings
  const nodes = settings.nodes.map((one) => ({ ...one, engine: { url } }))
  const rendered = renderChainSettings(
    { ...settings, nodes },
    { baton: 'prod', documents: 'Baton-prod', jwt: (name) => `/baton/${name}/jwt` },
  )
  expect(JSON.parse(rendered)).toMatchObject({
    cloudwatch: { baton: 'prod' },
    nodes: [{ engine: { url, jwt: { ssm: '/baton/seq-a/jwt' } } }, {}, {}],
  })
})

test('no secret is repeated in a message', () => {
  const message = refusalOf((config) => void Object.assign(node(config, 0), { secrets: ['hunter2hunter2'] }))
  expect(message).not.toContain('hunter2')
})

test('cdk.json runs the app on any Node', () => {
  const { app } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as { app: string }
  expect(app).toBe('node bin/app.mjs')
})
