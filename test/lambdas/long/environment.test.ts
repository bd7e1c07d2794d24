import { expect, test } from 'vitest'
import { readEnvironment } from '../../../lib/lambda/environment.ts'
import { functions } from '../harness/bundle.ts'
import { start } from '../harness/invoke.ts'

const whole = {
  AWS_REGION: 'us-east-1',
  BATON_NAME: 'prod',
  BATON_HEADS_TABLE: 'heads',
  BATON_LEASES_TABLE: 'leases',
  BATON_HISTORY_TABLE: 'history',
  BATON_BUCKET: 'bucket',
  BATON_CHAINS: '901, 902',
  BATON_PARAMETERS: '/baton/prod',
}

test('reads what the stack sets', () => {
  expect(readEnvironment(whole)).toEqual({
    name: 'prod',
    region: 'us-east-1',
    tables: { heads: 'heads', leases: 'leases', history: 'history' },
    bucket: 'bucket',
    chains: ['901', '902'],
    parameters: '/baton/prod',
  })
})

test.each([
  [{ BATON_BUCKET: undefined }, 'BATON_BUCKET is not set'],
  [{ BATON_HEADS_TABLE: '' }, 'BATON_HEADS_TABLE is empty'],
  [{ BATON_CHAINS: '901,x' }, 'BATON_CHAINS'],
  [{ BATON_PARAMETERS: 'baton/' }, 'BATON_PARAMETERS must be a path'],
  [{ BATON_GATE_URL: 'here' }, 'BATON_GATE_URL must be a URL'],
])('%j is told by name', (wrong, problem) => {
  expect(() => readEnvironment({ ...whole, ...wrong })).toThrow(problem)
})

/** `settle` reads none of it: it only lets time pass. */
const readers = functions.filter((name) => name !== 'settle')

test.each(readers)('%s does not start without its environment, and says what is missing', async (name) => {
  await expect(start(name, {})).rejects.toThrow(
    /EnvironmentError.*BATON_NAME is not set; BATON_HEADS_TABLE is not set; BATON_LEASES_TABLE/s,
  )
})

test.each([
  [undefined, /EnvironmentError.*BATON_OPERATION is not set/s],
  ['Dance', /RangeError.*there is no operation "Dance"/s],
])('a function of operations does not start for %s', async (operation, why) => {
  await expect(start('operation', { ...whole, ...(operation && { BATON_OPERATION: operation }) })).rejects.toThrow(why)
})
