import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { describe, expect, test } from 'vitest'
import { storeText } from '../../lib/cdk/parameters.ts'
import { configure, resourcesOf, sample, synthesize } from './app.ts'

/** A chain with so many nodes, each with an engine and a machine. */
function chainOf(nodes: number) {
  const [like] = sample().chains as { nodes: object[] }[]
  const each = Array.from({ length: nodes }, (_, n) => ({
    ...like?.nodes[0],
    name: `sequencer-${n}`,
    priority: n,
    consensus: `http://10.0.${n}.5:9545`,
    execution: `http://10.0.${n}.5:8545`,
    engine: { url: `http://10.0.${n}.5:8551` },
    host: { kind: 'ssm', stack: 'op-geth', instance: `i-0123456789abcde${String(n).padStart(2, '0')}` },
  }))
  return configure({ chains: [{ ...like, nodes: each }] })
}

function tierOf(text: string | ((stack: Stack) => string)): unknown {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false }), 'S')
  const stringValue = typeof text === 'string' ? text : text(stack)
  storeText(stack, 'P', { parameterName: '/p', description: 'd', stringValue, what: 'it', remedy: 'shorten it' })
  return resourcesOf(Template.fromStack(stack), 'AWS::SSM::Parameter')[0]?.[1].Properties.Tier
}

describe('a text is stored', { timeout: 120_000 }, () => {
  test.each([
    ['a', 4_096, undefined],
    ['a', 4_097, 'Advanced'],
    ['a', 8_192, 'Advanced'],
    ['ö', 2_048, undefined],
    ['ö', 2_049, 'Advanced'],
    ['😀', 1_024, undefined],
    ['😀', 1_025, 'Advanced'],
  ])('of %s, %d times, by its bytes: tier %s', (letter, times, tier) => {
    expect(tierOf(letter.repeat(times))).toBe(tier)
  })

  test.each([
    ['a', 8_193],
    ['ö', 4_097],
  ])('not of %s, %d times: synthesis says so, with the numbers and what to do', (letter, times) => {
    expect(() => tierOf(letter.repeat(times))).toThrow(
      expect.objectContaining({
        name: 'TextTooLongError',
        message: expect.stringMatching(
          /^\/p: it is 819\d bytes as JSON, and a parameter of Systems Manager holds 8192$/,
        ),
        remedy: 'Shorten it.',
      }),
    )
  })

  test('with a reference in it as long as that may become', () => {
    const withBucket = (length: number) => (stack: Stack) =>
      stack.toJsonString({ bucket: new Bucket(stack, 'B').bucketArn, text: 'a'.repeat(length) })
    expect(tierOf(withBucket(3_000))).toBeUndefined()
    expect(tierOf(withBucket(4_000))).toBe('Advanced')
  })
})

test('a chain of sixteen nodes with engine and machine is in the advanced tier, nothing else is', () => {
  const parameters = resourcesOf(synthesize(chainOf(16)), 'AWS::SSM::Parameter')
  const advanced = parameters.filter(([, { Properties }]) => Properties.Tier !== undefined)
  expect(advanced.map(([, { Properties }]) => [Properties.Name, Properties.Tier])).toEqual([
    ['/baton/prod/chains/901/config', 'Advanced'],
  ])
  expect(Buffer.byteLength(String(advanced[0]?.[1].Properties.Value))).toBeGreaterThan(4_096)
}, 120_000)

test('a chain that no parameter holds is refused at synthesis, by name', () => {
  expect(() => synthesize(chainOf(36))).toThrow(
    expect.objectContaining({
      message: expect.stringMatching(
        /^\/baton\/prod\/chains\/901\/config: the configuration of chain 901 is \d+ bytes as JSON, and a parameter .* holds 8192$/,
      ),
      remedy: 'Write shorter URLs and names, or fewer nodes.',
    }),
  )
}, 120_000)
