import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tellError } from '../../bin/errors.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { jsonLog, textLog } from '../../lib/terminal/log.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderHistory } from '../../lib/terminal/render-history.ts'
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
    expect(tellError(new Error(attack), false)).not.toMatch(controls)
    expect(tellError(new Error(attack), true)).not.toMatch(controls)
  })
})
