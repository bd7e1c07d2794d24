import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Acts } from '../../lib/page/acts.ts'
import { type PageServer, servePage } from '../../lib/page/serve.ts'
import { happy } from './snapshots.ts'

let page: PageServer
let done: string[]
let changed: () => void

beforeEach(async () => {
  done = []
  const note = (what: string) => async (input?: object) => {
    done.push(`${what} ${JSON.stringify(input ?? {})}`)
    return `${what} done`
  }
  const acts: Acts = {
    operate: (name, input) =>
      name === 'resume' ? Promise.reject(new Error('the store does not answer')) : note(name)(input as object),
    fault: note('fault'),
    procedures: {
      plan: async (asked) => ({ words: await note('plan')(asked), held: false }),
      start: note('start'),
      stop: note('stop'),
      dismiss: note('dismiss'),
      run: () => undefined,
      unavailable: { upgrade: 'no machine takes steps' },
    },
  }
  const subscribe = (callback: () => void) => {
    changed = callback
    return () => {}
  }
  page = await servePage({ port: 0, snapshot: () => happy, acts, subscribe, faults: () => ({ 'seq-b': ['frozen'] }) })
})

afterEach(() => page.close())

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string }

/** A request with exactly these headers: fetch would set Host and Origin by itself. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
  const { port } = new URL(page.url)
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
      .on('error', reject)
      .end(body)
  })
}

const act = (verb: string, input: unknown, headers: Record<string, string> = {}, place = 'acts') =>
  ask(
    'POST',
    `/${place}/${verb}`,
    { 'content-type': 'application/json', 'x-baton-token': page.token, ...headers },
    JSON.stringify(input),
  )

describe('reading', () => {
  test('default: the page carries its state and a script with a nonce, and no token', async () => {
    const { status, headers, body } = await ask('GET', '/')
    expect(status).toBe(200)
    expect(body).toContain('seq-a sequences')
    expect(body).not.toContain(page.token)
    expect(JSON.stringify(headers)).not.toContain(page.token)
    const nonce = /script-src 'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1]
    expect(body).toContain(`<script nonce="${nonce}">`)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(body).toContain('frozen')
  })

  test('behavior: /state.json writes big integers as strings', async () => {
    const { body } = await ask('GET', '/state.json')
    expect(JSON.parse(body).view.head.number).toBe('41234567')
  })

  test('behavior: /events sends news soon after a change', async () => {
    const response = await fetch(new URL('/events', page.url))
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    changed()
    for (let i = 0; i < 20 && !heard.includes('seq-a sequences'); i++) heard += (await reader?.read())?.value ?? ''
    expect(heard).toContain('event: state\ndata: {"instance":')
    await reader?.cancel()
  })

  test.each([
    ['a rebound name', { host: 'evil.example:8550' }],
    ['the right address without the port', { host: '127.0.0.1' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin', { origin: 'http://evil.example' }],
  ])('behavior: refuses %s', async (_, headers: Record<string, string>) => {
    for (const path of ['/', '/state.json', '/events']) expect((await ask('GET', path, headers)).status).toBe(403)
  })

  test('behavior: nothing else is there', async () => {
    expect((await ask('GET', '/package.json')).status).toBe(404)
    expect((await ask('GET', '/acts/pause')).status).toBe(404)
    expect((await ask('DELETE', '/')).status).toBe(404)
  })
})

describe('acting', () => {
  test('default', async () => {
    expect(await act('pause', {})).toMatchObject({ status: 200, body: '{"message":"pause done"}' })
    expect(await act('switchover', { to: 'seq-b' })).toMatchObject({ status: 200 })
    expect(await act('fault', { node: 'seq-a', kind: 'kill-host' })).toMatchObject({ status: 200 })
    const move = 'switchover {"to":"seq-b","notBefore":0,"force":false}'
    expect(done).toEqual(['pause {}', move, 'fault {"node":"seq-a","kind":"kill-host"}'])
  })

  test('a procedure: its plan, its start, its end', async () => {
    const { body } = await act('recover', { node: 'seq-b' }, {}, 'plans')
    expect(JSON.parse(body)).toEqual({ words: 'plan done', held: false })
    const hash = `0x${'AB'.repeat(32)}`
    expect(await act('return', { node: 'seq-b', hash })).toMatchObject({ status: 200 })
    expect(await act('stop', {})).toMatchObject({ status: 200 })
    expect(done).toEqual([
      'plan {"procedure":"recover","node":"seq-b"}',
      `start {"procedure":"return","node":"seq-b","hash":"${hash.toLowerCase()}"}`,
      'stop {}',
    ])
  })

  test.each([
    ['a wrong host', 403, { host: 'evil.example' }],
    ['another origin', 403, { origin: 'http://evil.example' }],
    ['another port of this machine', 403, { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', 403, { origin: 'null' }],
    ['another site', 403, { 'sec-fetch-site': 'cross-site' }],
    ['the same site on another port', 403, { 'sec-fetch-site': 'same-site' }],
    ['no token', 403, { 'x-baton-token': '' }],
    ['a wrong token', 403, { 'x-baton-token': 'A'.repeat(32) }],
    ['a form', 415, { 'content-type': 'text/plain' }],
  ])('behavior: refuses %s and does nothing', async (_, status, headers: Record<string, string>) => {
    expect((await act('pause', {}, headers)).status).toBe(status)
    expect((await act('recover', { node: 'seq-b' }, headers)).status).toBe(status)
    expect((await act('recover', { node: 'seq-b' }, headers, 'plans')).status).toBe(status)
    expect(done).toEqual([])
  })

  test.each([
    ['an unknown act', 404, 'constructor', {}],
    ['an act without what it needs', 400, 'adopt', {}],
    ['a procedure that cannot be done here', 404, 'upgrade', { to: 'v2' }],
    ['an act of a disaster without a hash', 400, 'override', { node: 'seq-b' }],
    ['an unknown fault', 400, 'fault', { node: 'seq-a', kind: 'explode' }],
    ['an unknown field', 400, 'pause', { to: 'seq-b' }],
    ['no object', 400, 'switchover', 'seq-b'],
    ['too long a body', 413, 'switchover', { to: 'x'.repeat(5_000) }],
  ])('behavior: refuses %s', async (_, status, verb, input) => {
    expect((await act(verb, input)).status).toBe(status)
    expect(done).toEqual([])
  })

  test('behavior: an act that fails says why', async () => {
    expect(await act('resume', {})).toMatchObject({ status: 409, body: '{"error":"the store does not answer"}' })
  })

  test('behavior: a page that only shows offers no act', async () => {
    await page.close()
    page = await servePage({ port: 0, snapshot: () => happy })
    for (const [verb, input] of Object.entries({ pause: {}, switchover: {}, fault: { node: 'seq-a', kind: 'thaw' } }))
      expect((await act(verb, input)).status).toBe(404)
    expect((await ask('GET', '/')).body).not.toContain('<section class="controls"')
  })
})
