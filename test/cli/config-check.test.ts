import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { exitCodes } from '../../bin/errors.ts'
import { jsonSchemas } from '../../bin/json.ts'
import { baton } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-config-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, value: unknown) => writeFileSync(join(folder, name), stringify(value))
const check = (...words: string[]) => baton(['config', 'check', ...words], folder)

const node = { name: 'ada', zone: 'z', consensus: 'http://ada:9545', execution: 'http://ada:8545' }
const chain = (changed: object = {}) => ({
  chain: { id: 901, name: 'test', blockTime: 2 },
  nodes: [{ ...node, secrets: [{ env: 'ADA_SECRET_OF_BATON' }] }],
  ...changed,
})

test('a deployment is known by its fields', async () => {
  const sample = resolve('samples/baton.config.json')
  expect(await check(sample)).toEqual({ code: 0, out: `${sample}: valid (deployment)\n`, err: '' })
})

test('every invalid field is named with its line, and the exit code says so', async () => {
  write('chain.yaml', { ...chain(), nodes: [{ ...node, zone: 7, secrets: ['secret-of-ada'] }], gate: { port: 0 } })
  const { code, out } = await check('chain.yaml')
  expect(code).toBe(exitCodes.usage.code)
  expect(out).toMatch(/^chain.yaml cannot be used \(chain\):\n/)
  expect(out).toMatch(/line 7: nodes\[0\]\.zone: /)
  expect(out).toMatch(/line 1\d: gate\.port: /)
  const said = JSON.parse((await check('chain.yaml', '--json')).out)
  expect(v.safeParse(jsonSchemas['config-check'] ?? v.never(), said).issues).toBeUndefined()
  expect(said).toMatchObject({ valid: false, of: 'chain', problems: [{ path: 'nodes[0].zone', line: 7 }, {}] })
})

test('a secret that is on another machine only is looked for, unless asked not to', async () => {
  write('elsewhere.yaml', chain())
  const { code, out } = await check('elsewhere.yaml')
  expect([code, out]).toEqual([exitCodes.usage.code, expect.stringContaining('ADA_SECRET_OF_BATON')])
  expect(await check('elsewhere.yaml', '--without-secrets')).toMatchObject({ code: 0 })
})

test('a file that is not there', async () => {
  expect(await check('none.yaml')).toMatchObject({ code: 2, out: expect.stringContaining('there is no such file') })
})
