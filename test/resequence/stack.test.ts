import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cdkErigon } from '../../lib/host/cdk-erigon.ts'
import { shellHost } from '../../lib/host/shell.ts'

test('"processes" names itself and what is called cdk-erigon, by the command line of the stack', async () => {
  const host = shellHost({ name: 'cdk-erigon', stack: cdkErigon })
  const count = async () => (await host.run('processes')).stdout.trim().split(/\s+/)
  const folder = mkdtempSync(join(tmpdir(), 'baton-processes-'))
  const before = await count()
  expect(before).toContain('ps')
  copyFileSync('/bin/sleep', join(folder, 'cdk-erigon'))
  const child = spawn(join(folder, 'cdk-erigon'), ['20'])
  await new Promise((done) => child.once('spawn', done))
  expect((await count()).filter((name) => name === 'cdk-erigon')).toHaveLength(
    before.filter((name) => name === 'cdk-erigon').length + 1,
  )
  child.kill()
  rmSync(folder, { recursive: true })
})

test('the parameters let no genesis and no option through', async () => {
  const host = shellHost({ name: 'cdk-erigon', stack: cdkErigon, commands: { unwind: ['echo', '{batch}'] } })
  for (const batch of ['0', '-1', '', '1 --x', '1;ls']) {
    await expect(host.run('unwind', { batch, chain: 'dynamic-x' })).rejects.toThrow('"batch"')
  }
  expect((await host.run('unwind', { batch: '7', chain: 'dynamic-x' })).stdout).toBe('7\n')
})
