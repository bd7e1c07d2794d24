import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../bin/errors.ts'
import { seedHead, seedLease } from '../../../lib/protocol/bootstrap.ts'
import { blockOf } from '../../gate/payloads.ts'
import { type Account, openAccount, PREFIX } from '../../lambdas/harness/aws.ts'
import { baton, launch } from '../run-cli.ts'

const CHAIN = '901'
const name = `ssm:${PREFIX}/chains/${CHAIN}/config`
const settings = {
  chain: { id: 901, name: 'deployed', blockTime: 2 },
  nodes: [
    { name: 'seq-a', zone: 'a', priority: 2, consensus: 'http://127.0.0.1:1', execution: 'http://127.0.0.1:1' },
    { name: 'seq-b', zone: 'b', priority: 1, consensus: 'http://127.0.0.1:2', execution: 'http://127.0.0.1:2' },
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
const host = { kind: 'ssm', stack: 'op-reth', instance: 'i-0123456789abcdef0', documents: 'Baton-test' }

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

  test('acts on its records, and shows what is in them', async () => {
    const { BATON_HEADS_TABLE: heads, BATON_LEASES_TABLE: leases, BATON_HISTORY_TABLE: history } = account.env
    const objects = { kind: 's3', bucket: account.env.BATON_BUCKET }
    await account.putParameter('/store', JSON.stringify({ tables: { heads, leases, history }, objects }))
    expect(await run('pause', '--config', name)).toMatchObject({ code: 0, err: '' })
    expect(await account.stores.leases.read(CHAIN)).toMatchObject({ mode: 'paused', modeBy: 'ada' })
    const reported = await run('history', '--config', name, '--json')
    expect(reported.code).toBe(0)
    expect(reported.out).toContain('automatic acts paused')
    const status = await run('status', '--config', name)
    expect(status.out).toContain('deployed')
    expect(status.out).toContain('seq-b')
  })

  test('behavior: nodes on machines, region and credentials of a profile: an operator who runs no step there needs no more', async () => {
    const nodes = settings.nodes.map((node) => ({ ...node, host }))
    await account.putParameter(`/chains/${CHAIN}/config`, JSON.stringify({ ...settings, nodes }))
    const folder = mkdtempSync(join(tmpdir(), 'baton-profile-'))
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = account.env
    const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`
    writeFileSync(join(folder, 'config'), `[default]\nregion = us-east-1\n${keys}`)
    const unset = { AWS_REGION: undefined, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }
    const profile = { AWS_SESSION_TOKEN: undefined, AWS_CONFIG_FILE: join(folder, 'config') }
    const env = { ...account.env, ...unset, ...profile, AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') }
    expect(await baton(['resume', '--config', name], import.meta.dirname, env)).toMatchObject({ code: 0, err: '' })
    expect((await baton(['status', '--config', name], import.meta.dirname, env)).out).toContain('seq-b')
    rmSync(folder, { recursive: true })
  })

  test('a monitor stands in; it reads the secret of an engine, where it is to repair nodes', async () => {
    const jwt = `${PREFIX}/chains/${CHAIN}/nodes/seq-a/jwt`
    const [first, second] = settings.nodes
    const nodes = [{ ...first, engine: { url: 'http://127.0.0.1:1', jwt: { ssm: jwt } } }, second]
    const watches = async (recovery: string) => {
      await account.putParameter(`/chains/${CHAIN}/config`, JSON.stringify({ ...settings, nodes, recovery }))
      const before = await account.stores.monitorLease.read(CHAIN)
      const monitor = launch(['monitor', '--config', name], import.meta.dirname, account.env)
      const holds = async () => (await account.stores.monitorLease.read(CHAIN))?.owner !== before?.owner
      const ended = monitor.ended.then(({ code, err }) => `${code}: ${err}`)
      const watched = vi.waitUntil(holds, { timeout: 30_000, interval: 200 }).then(() => 'watches')
      const outcome = await Promise.race([watched, ended])
      monitor.child.kill('SIGINT')
      await ended
      return outcome
    }
    expect(await watches('ask')).toBe('watches')
    expect(await watches('auto')).toContain(`there is no ${jwt}`)
    await account.putParameter(`/chains/${CHAIN}/nodes/seq-a/jwt`, '5e'.repeat(32))
    expect(await watches('auto')).toBe('watches')
  }, 120_000)

  test('one monitor process watches two chains of a deployment', async () => {
    const other = { ...settings, chain: { ...settings.chain, id: 902 }, cloudwatch: { baton: 'test' } }
    await account.putParameter('/chains/902/config', JSON.stringify(other))
    await account.putParameter(`/chains/${CHAIN}/config`, JSON.stringify(settings))
    const names = [CHAIN, '902'].map((chain) => `ssm:${PREFIX}/chains/${chain}/config`)
    const env = { ...account.env, AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:1' }
    const monitor = launch(['monitor', '--config', names.join()], import.meta.dirname, env)
    const owners = async () =>
      Promise.all([CHAIN, '902'].map(async (chain) => (await account.stores.monitorLease.read(chain))?.owner ?? ''))
    const held = async () => (await owners()).every((owner) => owner.includes(`-${monitor.child.pid}-`))
    await vi.waitUntil(held, { timeout: 30_000, interval: 200 })
    monitor.child.kill('SIGINT')
    const { code, out } = await monitor.ended
    expect(code).toBe(0)
    expect(out).toContain('metrics are not written to CloudWatch')
  }, 60_000)

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
