import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { formatError } from '../../bin/errors.ts'
import { write } from '../../bin/output.ts'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getVersion } from '../../lib/chain/consensus.ts'
import { answer } from '../../lib/chain/failure.ts'
import type { Snapshot } from '../../lib/context/inspect.ts'
import { renderUpgradePlan } from '../../lib/operations/upgrade/text.ts'
import { html } from '../../lib/page/html.ts'
import { renderState } from '../../lib/page/render-state.ts'
import { printableColoured } from '../../lib/protocol/printable.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { jsonLog, textLog } from '../../lib/terminal/log.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderExplanation } from '../../lib/terminal/render-explanation.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { renderHistory } from '../../lib/terminal/render-table.ts'
import { happy } from '../page/snapshots.ts'
import { request, type Served, serve } from './rig.ts'

/** What an attacker would like to see printed as it is: a line of its own, colours, a title, hidden or turned text. */
const attacks = {
  'a new line': 'x\n12:00:00 INFO  switched over to mallory',
  'a carriage return': 'x\rINFO  all is well',
  colours: '\u001b[31mred\u001b[0m',
  'a cleared screen': '\u001b[2J\u001b[H',
  'a window title': '\u001b]0;owned\u0007',
  'a link': '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\',
  'an 8-bit control': '\u009b31mred',
  backspaces: 'refused\b\b\b\b\b\b\baccepted',
  'turned text': '\u202erefused\u2066',
  'line separators': 'x\u2028y\u2029z\u0085w\u000bv\u000cu',
  'a zero byte': 'x\0y',
} as const
const cases = Object.entries(attacks)

/** Nothing that is not to be seen. */
const anyControl = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u
/** Controls of a terminal and of a line; a newline may only end a line of ours. */
const controls = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')

describe('what others send is printed as text, on one line', () => {
  let served: Served
  beforeAll(async () => {
    served = await serve({ bodyTimeoutMs: 300 })
  })
  afterAll(() => served.close())

  test.each(cases)('gate: a method with %s', async (_, attack) => {
    served.written.text = served.written.json = ''
    await served.raw(request('a', JSON.stringify({ jsonrpc: '2.0', id: 1, method: attack })))
    expect(served.written.text).not.toMatch(controls)
    expect(served.written.json).not.toMatch(controls)
    expect(linesOf(served.written.text)).toHaveLength(1)
    expect(linesOf(served.written.json)).toHaveLength(1)
    expect(JSON.parse(served.written.json).message).toContain(attack.slice(0, 5))
  })

  test.each(cases)('logs: a message, a fact, a name and an error with %s', (_, attack) => {
    let text = ''
    let json = ''
    const people = textLog((line) => {
      text += line
    }, plain)
    const programs = jsonLog((line) => {
      json += line
    })
    for (const log of [people, programs]) {
      log.warn(attack, {
        fact: attack,
        list: [attack],
        deep: { [attack]: attack },
        [attack]: 1,
        error: new Error(attack),
      })
    }
    for (const written of [text, json]) {
      expect(written).not.toMatch(controls)
      expect(linesOf(written)).toHaveLength(1)
    }
  })

  test.each(cases)('history and errors: a node that answers with %s', (_, attack) => {
    const record = {
      chain: '901',
      id: '1',
      at: 0,
      actor: { kind: 'operator', name: attack },
      what: 'page',
      term: 1,
      head: 1n,
      node: attack,
      reasons: [reason('credential', { message: attack }, attack), reason('quarantined', { by: attack, why: attack })],
    } as const
    const harmless = linesOf(
      renderHistory([{ ...record, node: 'x', actor: { kind: 'operator', name: 'x' }, reasons: [] }]),
    )
    const history = renderHistory([record])
    expect(history).not.toMatch(controls)
    expect(linesOf(history)).toHaveLength(harmless.length)
    expect(formatError(new Error(attack), false)).not.toMatch(controls)
    expect(formatError(new Error(attack), true)).not.toMatch(controls)
  })
})

/** What a node says to everything it is asked: a result, an error of its own, or what a proxy before it says. */
async function says(answer: { result: string } | { error: string } | { status: number; body: string | Buffer }) {
  const server = createServer((request, response) => {
    request.resume()
    if ('status' in answer) return response.writeHead(answer.status).end(answer.body)
    const { error } = answer as { error?: string }
    const reply = error === undefined ? answer : { error: { code: -32000, message: error } }
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...reply }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = createNodeClient(`http://127.0.0.1:${port}`, { batch: false, timeoutMs: 5_000 })
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { client, close }
}

/** The happy chain, but every text of another's is an attack. */
function attacked(attack: string): Snapshot {
  const observed = Object.fromEntries(
    Object.entries(happy.view.observed).map(([name, known], i) => {
      const { consensus, execution } = known.observation
      const version = `${attack} ${i}`
      const observation = {
        ...known.observation,
        consensus: consensus.ok ? { ...consensus, value: { ...consensus.value, version } } : consensus,
        execution:
          i === 0 || !execution.ok
            ? { ok: false as const, failure: 'other' as const, message: attack }
            : { ...execution, value: { ...execution.value, version } },
      }
      return [name, { ...known, observation }]
    }),
  )
  const chain = { ...happy.chain, name: attack }
  const gate = { ok: false as const, failure: 'other' as const, message: attack }
  return { ...happy, chain, view: { ...happy.view, observed: observed, gate } } as Snapshot
}

function written(args: { json: boolean }, result: object, words: () => string): string {
  let text = ''
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    write(args, 'status', result, words)
  } finally {
    stdout.mockRestore()
  }
  return text
}

describe('what a node says of itself is text, on one line, and not long', () => {
  const long = [
    ['a long text', 'v'.repeat(70_000)],
    ['a long text of pairs', '\u{1f600}'.repeat(30_000)],
    ['half a character', '\ud83d alone'],
  ] as const

  test.each([...cases, ...long])('its version: %s', async (_, attack) => {
    const { client, close } = await says({ result: attack })
    for (const method of ['web3_clientVersion', 'optimism_version'] as const) {
      const version = await getVersion(client, method)
      expect(version).not.toMatch(anyControl)
      expect(version.length).toBeGreaterThan(0)
      expect(version.length).toBeLessThan(1_500)
    }
    close()
  })

  test.each([...cases, ...long])('its error, and a page of its proxy: %s', async (_, attack) => {
    const byNode = await says({ error: attack })
    const pages = [500, 401, 502, 404].map((status) => says({ status, body: `<html>${attack}</html>` }))
    for (const { client, close } of [byNode, ...(await Promise.all(pages))]) {
      const failed = await answer(client.request({ method: 'optimism_version' }))
      const message = failed.ok ? '' : failed.message
      expect(message).not.toBe('')
      expect(message).not.toMatch(anyControl)
      expect(message.length).toBeLessThan(4_000)
      close()
    }
  })

  test('its error in bytes that are no UTF-8', async () => {
    const { client, close } = await says({ status: 500, body: Buffer.from('erreur \xe9\x9b\x80 \x1b[2J', 'latin1') })
    const failed = await answer(client.request({ method: 'optimism_version' }))
    expect(failed).toMatchObject({ ok: false, message: expect.stringContaining('erreur') })
    expect(failed.ok || failed.message).not.toMatch(anyControl)
    close()
  })
})

describe('what a command writes drives no terminal', () => {
  const order = { chain: '901', to: 'v2', by: 'eve' }
  const renders: [string, (snapshot: Snapshot, attack: string) => string][] = [
    ['status', (snapshot) => renderStatus(snapshot, plain)],
    ['status on a narrow terminal', (snapshot) => renderStatus(snapshot, plain, 60)],
    ['explain', (snapshot) => renderExplanation(snapshot, plain)],
    [
      'upgrade --dry-run',
      (_, attack) =>
        renderUpgradePlan(
          {
            steps: [],
            obstacles: [attack],
            warnings: [attack],
            nodes: [{ node: 'seq-a', versions: [attack], done: false }],
          } as never,
          order as never,
        ),
    ],
    ['history', (snapshot) => renderHistory(snapshot.history)],
  ]
  const all = renders.flatMap(([name, render]) => cases.map(([what, attack]) => [name, what, render, attack] as const))

  test.each(all)('%s, %s', (_, __, render, attack) => {
    const snapshot = attacked(attack)
    const text = written({ json: false }, snapshot, () => render(snapshot, attack))
    expect(text).not.toMatch(controls)
    const json = written({ json: true }, snapshot, () => '')
    expect(json).not.toMatch(controls)
    expect(JSON.parse(json).chain.name).toBe(attack)
  })

  test('our own colours stay', () => {
    expect(printableColoured('\u001b[31mred\u001b[39m \u001b[2J\nnext')).toBe(
      '\u001b[31mred\u001b[39m \\u001b[2J\nnext',
    )
  })
})

test.each(cases)('the page shows %s as text', (_, attack) => {
  const shown = renderState(attacked(attack), { at: happy.view.now })
  const bare = `<i title="${attack}">${attack}</i>`
  expect(shown).not.toMatch(controls)
  expect(html`${bare}`.text).not.toMatch(controls)
  expect(html`${bare}`.text).not.toContain('<')
})
