import { expect, test } from 'vitest'
import { nextAttributes } from '../../lib/operations/crash-recovery/canary.ts'
import { forkFixtures } from '../chain/fork-fixtures.ts'

test.each(forkFixtures)('the canary on $fork asks for what op-node would ask', ({ fork, envelope, attributes }) => {
  expect(JSON.parse(JSON.stringify(nextAttributes(envelope, 2_000)))).toEqual(attributes)
  const since = ['jovian', 'karst', 'lagoon']
  expect(typeof attributes.minBaseFee, 'a number since Jovian, the fixture says').toBe(
    since.includes(fork) ? 'number' : 'undefined',
  )
})

test('blocks faster than the clock of their headers are a second apart', () => {
  const [fixture] = forkFixtures
  if (!fixture) throw new Error('no fixture')
  const { timestamp } = nextAttributes(fixture.envelope, 250)
  expect(BigInt(timestamp as string)).toBe(BigInt(fixture.envelope.executionPayload.timestamp) + 1n)
})
