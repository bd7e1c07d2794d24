import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { awsOfCli } from '../../bin/aws.ts'
import { connect } from '../../bin/connect.ts'
import { openHost } from '../../lib/host/open-host.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-profile-'))
const signed: string[] = []
const server = createServer((request, response) => {
  signed.push(String(request.headers.authorization))
  const asksParameters = String(request.headers['x-amz-target']).endsWith('GetParameters')
  const parameters = { Parameters: [{ Name: '/baton/jwt', Value: 'a-secret', Version: 1 }] }
  const ended = { Command: { CommandId: 'c-1' }, Status: 'Success', ResponseCode: 0 }
  response.end(JSON.stringify(asksParameters ? parameters : ended))
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  writeFileSync(join(folder, 'config'), '[profile ops]\nregion = eu-north-1\n')
  writeFileSync(join(folder, 'credentials'), '[ops]\naws_access_key_id = AKIDOFPROFILE\naws_secret_access_key = x\n')
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  signed.length = 0
  for (const name of [
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
  ])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_PROFILE', 'ops')
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(() => vi.unstubAllEnvs())

const machine = { kind: 'ssm', stack: 'op-reth', instance: 'i-0123456789abcdef0', documents: 'Baton-x' } as const
const store = { region: 'eu-west-1', objects: { kind: 'folder', path: folder } } as const
const signer = (region: string) => new RegExp(`Credential=AKIDOFPROFILE/\\d+/${region}/ssm/`)

test.each([
  ['the region of the profile', undefined, machine, 'eu-north-1'],
  ['that, too, beside a local database', { ...store, endpoint: 'http://127.0.0.1:1' }, machine, 'eu-north-1'],
  ["the store's region", store, machine, 'eu-west-1'],
  ["the machine's own region", store, { ...machine, region: 'us-east-2' }, 'us-east-2'],
])('a step on a machine is signed by the profile, in %s', async (_, place, host, region) => {
  expect(await openHost(host, awsOfCli(place)).run('restart-execution')).toMatchObject({ exitCode: 0 })
  expect(signed).toHaveLength(2)
  for (const authorization of signed) expect(authorization).toMatch(signer(region))
})

test('a command on a chain takes it from there', async () => {
  const node = { name: 'a', zone: 'z', consensus: 'http://127.0.0.1:1', execution: 'http://127.0.0.1:1', host: machine }
  const chain = { id: 901, name: 'x', blockTime: 2 }
  const config = join(folder, 'baton.json')
  writeFileSync(config, JSON.stringify({ chain, nodes: [{ ...node, secrets: ['a-placeholder'] }], store }))
  const { ports, aws, close } = await connect({ config })
  expect(await ports.host?.('a')?.run('restart-execution')).toMatchObject({ exitCode: 0 })
  expect(await aws.parameter('/baton/jwt')).toBe('a-secret')
  for (const authorization of signed) expect(authorization).toMatch(signer('eu-west-1'))
  await close()
})

test('a secret is read by the profile', async () => {
  expect(await awsOfCli(store).parameter('/baton/jwt')).toBe('a-secret')
  expect(signed[0]).toMatch(signer('eu-west-1'))
})

test('a machine that is never asked needs neither region nor credentials', async () => {
  vi.stubEnv('AWS_PROFILE', undefined)
  for (const host of [openHost(machine), openHost(machine, awsOfCli())]) {
    await expect(host.run('restart-execution')).rejects.toMatchObject({
      name: 'HostUnreachable',
      message: expect.stringMatching(/region/i),
      remedy: expect.stringContaining('region and credentials'),
    })
  }
  expect(signed).toEqual([])
})
