import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exitCodes } from '../../bin/exit-codes.ts'
import { seedHead, seedLease } from '../../lib/protocol/seed.ts'
import { blockOf } from '../gate/payloads.ts'
import { type Account, openAccount, PREFIX } from '../lambdas/harness/aws.ts'
import { baton } from './run-cli.ts'

const CHAIN = '901'
const name = `ssm:${PREFIX}/chains/${CHAIN}/config`
const settings = {
  chain: { id: 901, name: 'deployed', blockTime: 2 },
  nodes: [
    { name: 'seq-a', zone: 'a', priority: 2, consensus: 'http://127.0.0.1:1', execution: 'http://127.0.0.1:1' },
    { name: 'seq-b', zone: 'b', priority: 1, consensus: 'http://127.0.0.1:1', execution: 'http://127.0.0.1:1' },
  ],
}
let account: Account

beforeAll(async () => {
  account = await openAccount([CHAIN])
  const { heads, leases } = account.stores
  await heads.write(CHAIN, seedHead(blockOf(10), 3, Date.now()))
  await leases.write(CHAIN, seedLease('seq-a', 3, { kind: 'baton', name: 'baton' }, Date.now()))
}, 60_000)
afterAll(() => account?.close())

const run = (...words: string[]) => baton(words, import.meta.dirname, account.env)

describe('a deployed chain, by the name of its parameter', () => {
  test('behavior: without its parameters, the one that is missing is named', async () => {
    const none = await run('history', '--config', name)
    expect(none).toMatchObject({ code: exitCodes.usage.code, out: '' })
    expect(none.err).toContain(`${PREFIX}/chains/${CHAIN}/config`)
    await account.putParameter(`/chains/${CHAIN}/config`, JSON.stringify(settings))
    const placeless = await run('history', '--config', name)
    expect(placeless).toMatchObject({ code: exitCodes.usage.code, out: '' })
    expect(placeless.err).toContain(`${PREFIX}/store`)
  })

  test('acts on its records, and tells what is in them', async () => {
    const { BATON_HEADS_TABLE: heads, BATON_LEASES_TABLE: leases, BATON_HISTORY_TABLE: history } = account.env
    const objects = { kind: 's3', bucket: account.env.BATON_BUCKET }
    await account.putParameter('/store', JSON.stringify({ tables: { heads, leases, history }, objects }))
    expect(await run('pause', '--config', name)).toMatchObject({ code: 0, err: '' })
    expect(await account.stores.leases.read(CHAIN)).toMatchObject({ mode: 'paused', modeBy: 'ada' })
    const told = await run('history', '--config', name, '--json')
    expect(told.code).toBe(0)
    expect(told.out).toContain('automatic acts paused')
    const status = await run('status', '--config', name)
    expect(status.out).toContain('deployed')
    expect(status.out).toContain('seq-b')
  })

  test('behavior: the newest version is wrong. The last good one stays in force', async () => {
    await account.putParameter(`/chains/${CHAIN}/config`, '{"chain": ')
    expect(await run('resume', '--config', name)).toMatchObject({ code: 0 })
    expect(await account.stores.leases.read(CHAIN)).toMatchObject({ mode: 'auto' })
  })

  test('behavior: a gate is refused: the parameter has no secrets', async () => {
    const { code, err } = await run('gate', '--config', name)
    expect(code).toBe(exitCodes.usage.code)
    expect(err).toContain('needs the secret of its node')
  })

  test.each(['ssm:', 'ssm:/baton/test', 'ssm:/baton/test/chains/x/config'])('behavior: %s is none', async (wrong) => {
    const { code, err } = await run('status', '--config', wrong)
    expect(code).toBe(exitCodes.usage.code)
    expect(err).toContain('names no configuration of a chain')
  })
})
