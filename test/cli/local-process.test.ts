import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from '../../bin/folder-lock.ts'
import {
  findLocalProcess,
  localProcessPath,
  publishLocalProcess,
  reportUnreadable,
  startOfProcess,
} from '../../bin/local-process.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-left-'))
  mkdirSync(dirname(localProcessPath(folder)))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const secret = 'secret-of-seq-a'
const node = { name: 'seq-a', zone: 'z', consensus: 'http://10.0.0.1:1', execution: 'http://10.0.0.1:2' }
const config = parseConfig(
  JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes: [{ ...node, secrets: [secret] }] }),
)
const page = { url: 'http://127.0.0.1:8549/#token', token: 'token' }
const started = startOfProcess(process.pid)
/** As a process writes it, but for what a test changes. */
const left = (changes: object = {}) => {
  const policy = { ...config.policy, maxLag: '600', maxSwitchoverLag: '2' }
  return { pid: process.pid, started, page, config: { ...config, policy }, ...changes }
}
const leave = (content: string) => writeFileSync(localProcessPath(folder), content)

describe('what a process leaves for others', () => {
  test('is found while it runs, whole, and without secrets; no other user may read it', () => {
    const withdraw = publishLocalProcess(folder, { pid: process.pid, page, config })
    expect(findLocalProcess(folder)).toMatchObject({ pid: process.pid, page, config: { policy: config.policy } })
    expect(JSON.stringify(findLocalProcess(folder)?.config.nodes)).not.toContain(secret)
    expect(statSync(localProcessPath(folder)).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(localProcessPath(folder))).mode & 0o777).toBe(0o700)
    withdraw()
    expect(readdirSync(dirname(localProcessPath(folder)))).toEqual([])
  })

  test.each<[string, string]>([
    ['of init', JSON.stringify(left({ pid: 1 }))],
    ['of a process that had this id before', JSON.stringify(left({ started: '12345' }))],
    ['of a process of which only the id is known', JSON.stringify(left({ started: undefined }))],
    ['of a process that is gone', JSON.stringify(left({ pid: 2 ** 22 + 1 }))],
    ['of no process', JSON.stringify(left({ pid: 0 }))],
    ['of a group', JSON.stringify(left({ pid: -process.pid }))],
    ['with an id that is text', JSON.stringify(left({ pid: String(process.pid) }))],
    ['without a page', JSON.stringify(left({ page: undefined }))],
    ['with a page that is no URL', JSON.stringify(left({ page: { url: 'here', token: 't' } }))],
    ['without a configuration', JSON.stringify(left({ config: {} }))],
    ['with a lag that is no number', JSON.stringify(left()).replace('"600"', '"many"')],
    ['cut off', '{"pid":'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['text', '"x"'],
    ['not text', '\u0000\ufffd'],
  ])('a file %s is none', (_, content) => {
    leave(content)
    expect(findLocalProcess(folder)).toBeUndefined()
  })

  test('the file of the process itself is found: the ones above differ from it', () => {
    leave(JSON.stringify(left()))
    expect(findLocalProcess(folder)?.pid).toBe(process.pid)
    expect(reportUnreadable(folder)).toBe('')
  })

  test('a file that cannot be read is named', () => {
    expect(reportUnreadable(folder)).toBe('')
    leave('{"pid":')
    expect(reportUnreadable(folder)).toContain(localProcessPath(folder))
  })

  test('a folder in its place is reported by name, and no draft stays', () => {
    mkdirSync(localProcessPath(folder))
    expect(() => publishLocalProcess(folder, { pid: process.pid, page, config })).toThrow(
      expect.objectContaining({
        name: 'LocalProcessError',
        message: expect.stringContaining(localProcessPath(folder)),
      }),
    )
    expect(readdirSync(dirname(localProcessPath(folder)))).toEqual(['local.json'])
  })
})

describe('one start a folder', () => {
  const lock = () => join(folder, '.baton', 'start.lock')
  const race = async (starts: number) => {
    const tried = await Promise.allSettled(Array.from({ length: starts }, () => lockFolder(folder)))
    return {
      won: tried.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
      lost: tried.flatMap((each) => (each.status === 'rejected' ? [(each.reason as Error).message] : [])),
    }
  }

  test.each<[string, (() => void) | undefined]>([
    ['with nothing there', undefined],
    [
      'after one that is gone',
      () => writeFileSync(lock(), JSON.stringify({ id: 'x', pid: 2 ** 22 + 1, started: '1' })),
    ],
    [
      'after one whose id is used again',
      () => writeFileSync(lock(), JSON.stringify({ id: 'x', pid: 1, started: '1' })),
    ],
    ['after one that left half a lock', () => writeFileSync(lock(), '{"id')],
    ['after one that left an empty lock', () => writeFileSync(lock(), '')],
    ['after one that left a list', () => writeFileSync(lock(), '[]')],
    ['with a folder in its place', () => mkdirSync(lock())],
  ])('of many at once exactly one begins, %s', async (_, prepare) => {
    prepare?.()
    const { won, lost } = await race(12)
    expect(won).toHaveLength(1)
    expect(lost).toHaveLength(11)
    for (const message of lost) expect(message).toContain(`Baton already runs in this folder (pid ${process.pid}`)
    won[0]?.()
    expect(readdirSync(join(folder, '.baton'))).toEqual([])
    const again = await lockFolder(folder)
    again()
  })

  test('one that runs is named with its page, and never with its token', async () => {
    publishLocalProcess(folder, { pid: process.pid, page, config })
    await expect(lockFolder(folder)).rejects.toMatchObject({
      name: 'AlreadyRunsError',
      message: `Baton already runs in this folder (pid ${process.pid}, http://127.0.0.1:8549/)`,
    })
  })
})
