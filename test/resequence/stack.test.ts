import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
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

const runs: readonly string[] = Object.entries(cdkErigon).flatMap(([name, { lines }]) =>
  lines.some((words: readonly string[]) => words.some((word) => word.startsWith('--datadir='))) ? [name] : [],
)

test.each(runs)('%s says how its log is to be, whatever the configuration file says', (name) => {
  const words: readonly string[] = cdkErigon[name as keyof typeof cdkErigon].lines.at(-1) ?? []
  const own = words.slice(words.lastIndexOf('--') + 1)
  expect(own).toEqual(
    expect.arrayContaining(['--log.json=false', '--log.console.json=false', '--log.console.verbosity=info']),
  )
})

test('"flags" names each program with what its own help names first in a line, and nothing it only mentions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-flags-'))
  const help = {
    'cdk-erigon':
      '   --zkevm.limbo      see --zkevm.not-here (default: false)\n   --http.addr value\n   --config value\n   --help, -h  help',
    integration: 'Flags:\n      --only-smt-v2    only\n  -h, --help  help\nError: unknown flag: --zkevm.x',
  }
  for (const [name, text] of Object.entries(help)) {
    writeFileSync(join(folder, name), `#!/bin/sh\ncat <<'END'\n${text}\nEND\n`, { mode: 0o755 })
  }
  const commands = { flags: ['env', `PATH=${folder}:${process.env.PATH}`, ...cdkErigon.flags.lines[0]] } as const
  const { stdout } = await shellHost({ name: 'cdk-erigon', stack: cdkErigon, commands }).run('flags')
  expect(stdout.trim().split('\n')).toEqual([
    ...['cdk-erigon --zkevm.limbo', 'cdk-erigon --config', 'cdk-erigon --help'],
    ...['integration state_stages_zkevm --only-smt-v2', 'integration state_stages_zkevm --help'],
    ...['integration print_stages --only-smt-v2', 'integration print_stages --help'],
  ])
  rmSync(folder, { recursive: true })
})

test('"flags" reads a help on stderr, of a program that fails, indents by tabs, and waits for its input', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-flags-'))
  const text = '#!/bin/sh\ncat >&2\nprintf "\\t--zkevm.limbo\\twhat it is\\n" >&2\nexit 1\n'
  for (const name of ['cdk-erigon', 'integration']) writeFileSync(join(folder, name), text, { mode: 0o755 })
  const commands = { flags: ['env', `PATH=${folder}:${process.env.PATH}`, ...cdkErigon.flags.lines[0]] } as const
  const { stdout } = await shellHost({ name: 'cdk-erigon', stack: cdkErigon, commands }).run('flags')
  const programs = ['cdk-erigon', 'integration state_stages_zkevm', 'integration print_stages']
  expect(stdout.trim().split('\n')).toEqual(programs.map((program) => `${program} --zkevm.limbo`))
  rmSync(folder, { recursive: true })
})

// The commands of a Linux machine.
test.skipIf(process.platform !== 'linux').each([
  ['whole', ['chaindata/mdbx.dat', 'data-stream.bin', 'data-stream.db/0001']],
  ['half a copy, of an attempt on a full disk', ['chaindata/mdbx.dat']],
  ['nothing', []],
])('"restore" puts the copy in the place of the data, which is %s', async (_, files) => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-restore-'))
  const [data, copies, stamp] = [join(folder, 'data'), join(folder, 'copies'), '20261130T120000Z']
  const fill = (root: string, names: readonly string[], text: string) => {
    for (const name of names) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
  }
  const pair = ['chaindata/mdbx.dat', 'data-stream.bin', 'data-stream.db/0001']
  fill(data, [...files, 'config-of-its-own'], 'new')
  fill(join(copies, stamp), pair, 'old')
  const here = (word: string) =>
    word.replaceAll('/var/lib/cdk-erigon-backups', copies).replaceAll('/var/lib/cdk-erigon', data)
  const lines = cdkErigon.restore.lines.map((line) => line.map(here) as [string, ...string[]])
  const host = shellHost({ name: 'cdk-erigon', stack: { ...cdkErigon, restore: { ...cdkErigon.restore, lines } } })
  const { exitCode, stderr } = await host.run('restore', { stamp, aside: '20261130T130000Z' })
  expect([exitCode, stderr]).toEqual([0, ''])
  for (const name of pair) expect(readFileSync(join(data, name), 'utf8')).toBe('old')
  expect(readFileSync(join(data, 'config-of-its-own'), 'utf8'), 'what is not of the pair stays').toBe('new')
  for (const name of files)
    expect(readFileSync(join(copies, stamp, 'replaced-20261130T130000Z', name), 'utf8')).toBe('new')
  rmSync(folder, { recursive: true })
})
