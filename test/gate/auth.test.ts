import { describe, expect, test } from 'vitest'
import { passwordOf } from '../../lib/gate/auth.ts'
import { basic, CHAIN, rig } from './rig.ts'

const body = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"conductor_leader"}')
const pathOf = (node: string, chain = CHAIN) => `/v1/chains/${chain}/nodes/${node}`

describe('authentication', () => {
  test.each([
    ['the only secret', 'a', basic('a')],
    ['the first of two secrets', 'b', basic('b', 'secret-of-b')],
    ['the second of two secrets', 'b', basic('b', 'next-secret-of-b')],
    ['any user name', 'a', basic('whoever', 'secret-of-a')],
    ['no user name', 'a', basic('', 'secret-of-a')],
    ['a scheme in another case', 'a', basic('a').replace('Basic', 'bASIC')],
  ])('%s lets the node pass', async (_, node, authorization) => {
    const { gate } = await rig()
    expect(await gate({ method: 'POST', path: pathOf(node), authorization, body })).toMatchObject({ status: 200 })
  })

  test.each([
    ['no header', pathOf('a'), undefined],
    ['an empty header', pathOf('a'), ''],
    ['another scheme', pathOf('a'), `Bearer ${Buffer.from('a:secret-of-a').toString('base64')}`],
    ['not base64', pathOf('a'), 'Basic %%%'],
    ['no colon', pathOf('a'), `Basic ${Buffer.from('secret-of-a').toString('base64')}`],
    ['an empty password', pathOf('a'), basic('a', '')],
    ['a wrong secret', pathOf('a'), basic('a', 'secret-of-A')],
    ['a prefix of the secret', pathOf('a'), basic('a', 'secret-of-')],
    ['the secret of another node', pathOf('a'), basic('a', 'secret-of-b')],
    ['the next secret of another node', pathOf('a'), basic('b', 'next-secret-of-b')],
    ['an unknown node', pathOf('c'), basic('a')],
    ['an unknown node and no password', pathOf('c'), basic('c', '')],
    ['an unknown chain', pathOf('a', '902'), basic('a')],
    ['a name every object has', pathOf('constructor'), basic('constructor', 'x')],
  ])('%s does not, and learns no more than that', async (_, path, authorization) => {
    const { gate, lines } = await rig()
    let read = false
    const readBody = async () => {
      read = true
      return body
    }
    const answer = await gate({ method: 'POST', path, authorization, body: readBody })
    const same = await gate({ method: 'POST', path: pathOf('a'), authorization: basic('a', 'wrong'), body })
    expect(answer).toEqual(same)
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="baton", charset="UTF-8"' },
    })
    expect(JSON.parse(answer.body)).toMatchObject({ id: null, error: { code: -32000, data: { code: 'unauthorized' } } })
    expect(read).toBe(false)
    const log = JSON.stringify(lines)
    expect(log).not.toContain('secret-of')
    if (authorization) expect(log).not.toContain(authorization.slice(6) || 'x'.repeat(99))
  })

  test('a node without secrets lets no caller pass, an empty secret included', async () => {
    for (const secrets of [[], [''], ['', '']]) {
      const { gate } = await rig({ findSecrets: () => secrets })
      const authorization = basic('a', '')
      expect(await gate({ method: 'POST', path: pathOf('a'), authorization, body })).toMatchObject({ status: 401 })
    }
  })

  test('secrets that cannot be read are a fault of the gate, and not shown to the node', async () => {
    const failing = () => Promise.reject(new Error('parameter /baton/901 is gone'))
    const { gate, lines } = await rig({ findSecrets: failing })
    const answer = await gate({ method: 'POST', path: pathOf('a'), authorization: basic('a'), body })
    expect(answer).toMatchObject({ status: 500 })
    expect(JSON.parse(answer.body).error).toMatchObject({ code: -32603, message: 'internal error' })
    expect(answer.body).not.toContain('/baton/901')
    expect(lines).toMatchObject([{ level: 'error', facts: { cause: expect.stringContaining('/baton/901') } }])
  })

  test('a password may have colons and any letters', () => {
    const header = `Basic ${Buffer.from('a:p:ä/%@').toString('base64')}`
    expect(passwordOf(header)).toBe('p:ä/%@')
  })
})
