import { afterEach, beforeEach, expect, test } from 'vitest'
import { askBoost } from '../../lib/builder/health.ts'
import { type BoostServer, boostServer } from './boost-server.ts'

let boost: BoostServer
beforeEach(async () => {
  boost = await boostServer()
})
afterEach(() => boost.close())

const ask = (form: 'status' | 'json', timeoutMs = 2_000) => askBoost({ health: boost.health, form, timeoutMs })
const said = (health: string) => JSON.stringify({ version: '0.7.13', rollup_boost_health: health })

test.each([
  [200, { health: 'healthy' }],
  [206, { health: 'partial' }],
  [503, { health: 'unhealthy' }],
  [400, { health: 'down', message: 'HTTP 400' }],
  [302, { health: 'down', message: 'HTTP 302' }],
])('by status: %i', async (status, expected) => {
  boost.answers = { status, body: 'OK' }
  expect(await ask('status')).toEqual(expected)
})

test.each([
  ['Healthy', { health: 'healthy' }],
  ['PartialContent', { health: 'partial' }],
  ['ServiceUnavailable', { health: 'unhealthy' }],
  ['Unknown', { health: 'down', message: 'the answer is not of rollup-boost' }],
])('by body: %s', async (health, expected) => {
  boost.answers = { status: 200, body: said(health) }
  expect(await ask('json')).toEqual(expected)
})

test('by body, any status but 200 is no answer, and so is a body that is none', async () => {
  boost.answers = { status: 206, body: said('Healthy') }
  expect(await ask('json')).toEqual({ health: 'down', message: 'HTTP 206' })
  for (const body of ['{not-json', '', '[]', 'x'.repeat(100_000)]) {
    boost.answers = { status: 200, body }
    expect((await ask('json')).health).toBe('down')
  }
})

test('silence ends after the time-out, a closed port at once', async () => {
  boost.answers = undefined
  expect(await ask('status', 50)).toMatchObject({ health: 'down' })
  await boost.close()
  const { health, message } = await ask('status')
  expect(health).toBe('down')
  expect(message).toContain('ECONNREFUSED')
})

test('a user name in the URL becomes Basic auth', async () => {
  const health = boost.health.replace('://', '://ann:p%40ss@')
  expect(await askBoost({ health, form: 'status', timeoutMs: 2_000 })).toEqual({ health: 'healthy' })
  expect(boost.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`)
})
