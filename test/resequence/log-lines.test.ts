import { describe, expect, test } from 'vitest'
import { isTrouble, readLine } from '../../lib/operations/resequence/log-lines.ts'

const kindOf = (line: string) => readLine(line)?.kind

describe('a line of the log', () => {
  const json = (lvl: string, msg: string, more: object = {}) => JSON.stringify({ lvl, msg, ...more })
  const stage = '[6/14 Execution] transaction 0x00 overflowed counters'

  test.each<[string, string, string | undefined]>([
    ['plain', '[INFO] [07-01|00:00:00.000] [6/14 Execution] Finish block 7 with 0 transactions...', 'block'],
    ['JSON', json('info', '[6/14 Execution] Finish block 7 with 0 transactions...'), 'block'],
    ['JSON behind a name', `cdk-erigon-1  | ${json('eror', 'Staged Sync', { err: stage })}`, 'trouble'],
    ['JSON that was cut off in its fields', json('eror', 'Staged Sync', { err: stage }).slice(0, -9), 'trouble'],
    ['JSON that was cut off in its message', json('eror', stage).slice(0, -9), 'trouble'],
    ['JSON that was cut off at a full disk', '{"lvl":"eror","msg":"mdbx_txn_commit_ex: no spa', 'error'],
    ['JSON that was cut off before it said anything', '{"lvl":"er', undefined],
    ['the rest of a line that was cut off', 'ecution] overflowed counters","t":"2026"}', undefined],
    ['plain with JSON in it', `[EROR] [07-01|00:00:00.000] ${stage} {"jsonrpc":"2.0","id":1}`, 'trouble'],
    ['JSON of another program', '{"level":"info","message":"Finish"}', undefined],
    ['an empty object', '{}', undefined],
  ])('%s', (_, line, kind) => {
    expect(kindOf(line)).toBe(kind)
  })
})

describe('a running node has failed', () => {
  test.each([
    ['by a stage', '[EROR] [07-01|00:00:00.000] [6/14 Execution] overflowed', true],
    ['by its commit', '[EROR] [07-01|00:00:00.000] mdbx_txn_commit_ex: no space left on device', true],
    ['by its disk', '[CRIT] [07-01|00:00:00.000] write stream: no space left on device', true],
    ['by its file system', '[EROR] [07-01|00:00:00.000] open data-stream.bin: read-only file system', true],
    ['by its machine', '[EROR] [07-01|00:00:00.000] pread: input/output error', true],
    ['not by a peer', '[EROR] [07-01|00:00:00.000] p2p: dial failed', false],
    ['not by a warning', '[WARN] [07-01|00:00:00.000] no space left for snapshots', false],
    ['not by its end', '[EROR] [07-01|00:00:00.000] mdbx_txn_begin: Context done', false],
  ])('%s', (_, line, failed) => {
    const event = readLine(line)
    expect(event !== undefined && isTrouble(event)).toBe(failed)
  })
})
