import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exchangeCapabilities } from '../../lib/chain/engine/versions.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill, type SecretReaders } from '../../lib/operations/backfill/open.ts'
import { serveRpc } from '../chain/rpc-server.ts'
import { configFor, GONE, inMemory } from './rig.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-jwt-'))
afterAll(() => rmSync(folder, { recursive: true }))
const secret = '5e'.repeat(32)
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** Opens a chain of one node whose engine's secret is there. */
function open(jwt: object, readers: Partial<SecretReaders> = {}, url = GONE) {
  const written = configFor([{ rpcUrl: GONE }]) as { nodes: object[] }
  const nodes = written.nodes.map((node) => ({ ...node, engine: { url, jwt } }))
  const config = parseConfig(JSON.stringify({ ...written, nodes }))
  return openBackfill(config, chainPorts(config, inMemory(), silentLog), { env: {}, ...readers })
}

test.each<[string, object, Partial<SecretReaders>]>([
  ['a variable', { env: 'JWT' }, { env: { JWT: secret } }],
  ['a file, as geth writes it', { file: file('jwt.hex', `0x${secret.toUpperCase()}\n`) }, {}],
  [
    'a SecureString',
    { ssm: '/baton/jwt' },
    { parameter: async (name) => (name === '/baton/jwt' ? secret : undefined) },
  ],
])('the secret of an engine from %s', async (_, jwt, readers) => {
  const { url, requests } = await serveRpc(() => ({ result: [] }))
  const ports = await open(jwt, readers, url)
  const { engine } = ports.clients('seq-a')
  if (!engine) throw new Error('no engine')
  await exchangeCapabilities(engine)
  expect(requests[0]?.authorization).toMatch(/^Bearer ey/)
})

test.each<[string, string, object, Partial<SecretReaders>]>([
  ['a variable that is not set', 'env', { env: 'JWT' }, {}],
  ['a variable with something else', 'env', { env: 'JWT' }, { env: { JWT: 'hunter2-and-more' } }],
  ['a file that is not there', 'file', { file: join(folder, 'none') }, {}],
  ['a file with too little', 'file', { file: file('short', '0x5e5e') }, {}],
  ['a parameter that is not there', 'ssm', { ssm: '/none' }, { parameter: async () => undefined }],
  ['a parameter away from AWS', 'ssm', { ssm: '/none' }, {}],
])('%s is an error that names the field and shows no secret', async (_, kind, jwt, readers) => {
  const failed: unknown = await open(jwt, readers).catch((error: unknown) => error)
  expect(failed).toMatchObject({ name: 'ConfigurationError', problems: [{ path: `nodes[0].engine.jwt.${kind}` }] })
  expect(String(failed)).not.toMatch(/hunter2|5e5e/)
})
