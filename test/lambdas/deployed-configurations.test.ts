import { expect, test, vi } from 'vitest'
import { packConfigurations } from '../../lib/config/packed.ts'
import { deployedFirst } from '../../lib/lambda/chain-config.ts'
import { readEnvironment } from '../../lib/lambda/environment.ts'
import type { ReadParameters } from '../../lib/store/parameters.ts'

const variables = {
  BATON_NAME: 'prod',
  BATON_HEADS_TABLE: 'heads',
  BATON_LEASES_TABLE: 'leases',
  BATON_HISTORY_TABLE: 'history',
  BATON_BUCKET: 'bucket',
  BATON_CHAINS: '901,902',
  BATON_PARAMETERS: '/baton/prod',
  AWS_REGION: 'eu-west-1',
}
const written = { 901: '{"chain":{"id":901,"name":"ß"}}', 902: '{"chain":{"id":902}}' }
const stored = new Map([['/baton/prod/chains/901/nodes/a/jwt', { value: 'secret', version: 3 }]])

test('configurations a function was deployed with need no call; all else is read', async () => {
  const read = vi.fn<ReadParameters>(async () => stored)
  const environment = readEnvironment({ ...variables, BATON_CONFIGURATIONS: packConfigurations(written) })
  const parameters = deployedFirst(read, environment)
  expect(await parameters(['/baton/prod/chains/901/config', '/baton/prod/chains/902/config'])).toEqual(
    new Map([
      ['/baton/prod/chains/901/config', { value: written[901], version: 1 }],
      ['/baton/prod/chains/902/config', { value: written[902], version: 1 }],
    ]),
  )
  expect(read).not.toHaveBeenCalled()
  const names = ['/baton/prod/chains/901/config', '/baton/prod/chains/901/nodes/a/jwt']
  expect([...(await parameters(names)).keys()].toSorted()).toEqual(names)
  expect(read.mock.calls).toEqual([[['/baton/prod/chains/901/nodes/a/jwt']]])
})

test('without them everything is read', async () => {
  const read = vi.fn<ReadParameters>(async () => stored)
  expect(deployedFirst(read, readEnvironment(variables))).toBe(read)
})

test('what is no packed configuration is named', () => {
  const read = () => readEnvironment({ ...variables, BATON_CONFIGURATIONS: 'plain' })
  expect(read).toThrow('BATON_CONFIGURATIONS must be packed configurations')
})
