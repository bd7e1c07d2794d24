import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PageAddressError, type PageServer, servePage } from '../../lib/page/serve.ts'
import { happy } from '../page/snapshots.ts'
import { listeningPorts } from './ports.ts'

const secret = 'a secret of the page'
const did: string[] = []
let page: PageServer
let port: number
beforeAll(async () => {
  const operate = async (name: string) => {
    did.push(name)
    return name
  }
  page = await servePage({ host: '0.0.0.0', port: 0, secret, snapshot: () => happy, acts: { operate } })
  port = Number(new URL(page.url).port)
})
afterAll(() => page.close())

const password = (words: string) => `Basic ${Buffer.from(`ann:${words}`).toString('base64')}`

type Answer = { readonly status: number; readonly body: string; readonly asks: string | undefined }

function ask(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let body = ''
      const done = () => resolve({ status: response.statusCode ?? 0, body, asks: response.headers['www-authenticate'] })
      response.setEncoding('utf8').on('data', (piece: string) => {
        body += piece
        // The stream of news does not end by itself.
        if (path === '/events' && body.includes('data:')) response.destroy()
      })
      response.on('close', done)
    })
      .on('error', reject)
      .end(method === 'POST' ? '{}' : undefined)
  })
}

test.each(['0.0.0.0', '192.0.2.7', 'page.example'])('%s without a secret: it does not start', async (host) => {
  const refused = servePage({ host, port: 0, snapshot: () => happy })
  await expect(refused).rejects.toMatchObject({
    name: 'PageAddressError',
    message: expect.stringContaining('it has no secret'),
    remedy: expect.stringContaining('BATON_PAGE_SECRET'),
  })
  await expect(refused).rejects.toBeInstanceOf(PageAddressError)
})

test('a secret that can be guessed is none', async () => {
  await expect(
    servePage({ host: '0.0.0.0', port: 0, secret: '15 characters..', snapshot: () => happy }),
  ).rejects.toMatchObject({ message: expect.stringContaining('too short'), remedy: expect.stringContaining('16') })
})

test('it listens where it is configured to, and prints an address that opens', () => {
  expect(listeningPorts(process.pid).filter((each) => each.port === port)).toEqual([{ address: '0.0.0.0', port }])
  expect(page.url).toMatch(/^http:\/\/localhost:\d+\/#/)
})

const paths = ['/', '/state.json', '/events']
test.each(paths)('%s needs the secret, under any name', async (path) => {
  for (const authorization of [
    undefined,
    password(''),
    password('guessed'),
    password(`${secret} `),
    `Bearer ${secret}`,
  ]) {
    const answer = await ask('GET', path, { host: 'page.example', ...(authorization && { authorization }) })
    expect(answer).toMatchObject({ status: 401, asks: expect.stringMatching(/^Basic /) })
    expect(answer.body).not.toContain(happy.chain.name)
  }
  const answer = await ask('GET', path, { host: 'page.example', authorization: password(secret) })
  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(happy.chain.name) })
  expect(answer.body).not.toContain(secret)
  expect(answer.body).not.toContain(page.token)
})

const json = { host: 'page.example', 'content-type': 'application/json' }
test.each<[string, () => Record<string, string>]>([
  ['without either', () => json],
  ['with the secret alone', () => ({ ...json, authorization: password(secret) })],
  [
    'with both, from another site',
    () => ({ ...json, authorization: password(secret), 'x-baton-token': page.token, origin: 'http://evil.example' }),
  ],
])('no act %s', async (_, headers) => {
  expect([401, 403]).toContain((await ask('POST', '/acts/pause', headers())).status)
  expect(did).toEqual([])
})

test('an act with both, from the page behind TLS; and by a command, with the token alone', async () => {
  const token = { 'x-baton-token': page.token }
  const page1 = { ...json, ...token, authorization: password(secret), origin: 'https://page.example' }
  expect(await ask('POST', '/acts/pause', page1)).toMatchObject({ status: 200 })
  expect(await ask('POST', '/acts/resume', { ...json, ...token })).toMatchObject({ status: 200 })
  expect(did).toEqual(['pause', 'resume'])
})
