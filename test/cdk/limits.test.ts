import { expect, test } from 'vitest'
import { ChainRegistry, MOST } from '../../lib/cdk/chain-registry.ts'
import { configure, resourcesOf, sample, synthesize } from './app.ts'

/** A configuration of so many chains with so many nodes each. */
function many(chains: number, nodes: number) {
  const [like] = sample().chains as { chain: object; nodes: object[] }[]
  return configure({
    chains: Array.from({ length: chains }, (_, i) => ({
      ...like,
      chain: { ...like?.chain, id: 42_161_000 + i, name: `my-rollup-${i}` },
      nodes: Array.from({ length: nodes }, (_, n) => ({
        ...like?.nodes[0],
        name: `sequencer-${n}`,
        priority: n,
        consensus: `http://10.0.${n}.5:9545`,
        execution: `http://10.0.${n}.5:8545`,
      })),
    })),
  })
}

/** The longest these become (of a region: us-gov-west-1, ap-southeast-2); an ARN of a table of the stack has 95. */
const LENGTHS: Readonly<Record<string, number>> = { 'AWS::Partition': 10, 'AWS::Region': 14, 'AWS::AccountId': 12 }

/** A document as IAM gets it, references as long as they become at most. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written)
  if (typeof value !== 'object' || value === null) return value
  if ('Ref' in value || 'Fn::GetAtt' in value) return 'x'.repeat(LENGTHS['Ref' in value ? String(value.Ref) : ''] ?? 95)
  if ('Fn::Join' in value) {
    const [by, parts] = value['Fn::Join'] as [string, unknown[]]
    return parts.map(written).join(by)
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, written(each)]))
}

test('the largest Baton fits into what AWS takes: 10,240 characters of rights a role, 500 resources, 1 MB', () => {
  const template = synthesize(many(MOST.chains, MOST.nodes / MOST.chains))
  const sizes = new Map<string, number>()
  for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    const { Roles, PolicyDocument } = Properties as { Roles: { Ref: string }[]; PolicyDocument: unknown }
    const size = JSON.stringify(written(PolicyDocument)).length
    for (const { Ref } of Roles) sizes.set(Ref, (sizes.get(Ref) ?? 0) + size)
  }
  expect(sizes.size).toBeGreaterThan(5)
  expect([...sizes].filter(([, size]) => size > 10_240)).toEqual([])
  expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(500)
  expect(JSON.stringify(template.toJSON()).length).toBeLessThan(1_000_000)
}, 60_000)

test('one chain or one node more is refused, with what to do', () => {
  expect(() => many(MOST.chains + 1, 1)).toThrow(/has 11 chains .* write at most 10 chains.*another Baton/)
  expect(() => many(1, MOST.nodes + 1)).toThrow(/with 41 nodes; write at most .* 40 nodes in all/)
})

test('the construct refuses one chain or one node more, too', () => {
  const registry = new ChainRegistry()
  for (let id = 1; id <= MOST.chains; id++) registry.add(String(id), ['a'])
  expect(() => registry.add('11', ['a'])).toThrow(/at most 10 chains.*Give chain 11 a Baton/)
  const nodes = Array.from({ length: MOST.nodes + 1 }, (_, i) => `n${i}`)
  expect(() => new ChainRegistry().add('1', nodes)).toThrow(/40 nodes in all/)
})
