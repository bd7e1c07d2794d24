import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Shell, shells } from '../../lib/terminal/completion.ts'
import { baton } from './run-cli.ts'

// Each shell completes a line with the script that "baton completion" prints for it.

const folder = mkdtempSync(join(tmpdir(), 'baton-completion-'))
const PATIENCE = { timeout: 60_000 }
const has = (program: string, ...words: string[]) => spawnSync(program, words).status === 0
const canRun: Readonly<Record<Shell, boolean>> = {
  bash: has('bash', '-c', 'true'),
  zsh: has('zsh', '-c', 'true') && has('python3', '-c', 'import pty'),
  fish: has('fish', '-c', 'true'),
}

const script = (shell: Shell) => join(folder, `baton.${shell}`)
beforeAll(async () => {
  const node = (name: string) => ({
    name,
    zone: 'z',
    consensus: `http://${name}:1`,
    execution: `http://${name}:2`,
    secrets: [`secret-of-${name}`],
  })
  const chain = { chain: { id: 1, name: 'x', blockTime: 2 }, nodes: [node('seq-a'), node('seq-b')] }
  writeFileSync(join(folder, 'chain.json'), JSON.stringify(chain))
  for (const shell of shells) writeFileSync(script(shell), (await baton(['completion', shell], folder)).out)
  // What the scripts call for the names of the nodes.
  const program = `#!/bin/sh\nexec "${process.execPath}" "${resolve('bin/baton.ts')}" "$@" --config chain.json\n`
  writeFileSync(join(folder, 'baton'), program, { mode: 0o755 })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, TERM: 'dumb', HOME: folder }

function run(program: string, words: readonly string[], input = ''): string {
  const { stdout, stderr } = spawnSync(program, words, { cwd: folder, env, input, encoding: 'utf8', timeout: 60_000 })
  return stripVTControlCharacters(stdout) + stderr
}

/** Completes a line and expects to be offered what matches. */
const offers: Readonly<Record<Shell, (line: string, what: RegExp) => void | Promise<void>>> = {
  bash: (line, what) => {
    const words = line.split(' ').map((word) => `'${word}'`)
    const ask = `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _baton; echo "\${COMPREPLY[@]}"`
    expect(run('bash', ['-c', `source ${script('bash')} && ${ask}`])).toMatch(what)
  },
  zsh: typeInZsh,
  fish: (line, what) => {
    expect(run('fish', ['--no-config', '-c', `source ${script('fish')}; complete -C '${line}'`])).toMatch(what)
  },
}

/** zsh completes only what is typed. */
async function typeInZsh(line: string, what: RegExp): Promise<void> {
  const child = spawn('python3', [resolve('test/cli/on-a-terminal.py'), 'zsh', '-f', '-i'], { cwd: folder, env })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += stripVTControlCharacters(text)
  })
  const ended = once(child, 'close')
  try {
    child.stdin.write(`source ${script('zsh')}; echo re""ady\n`)
    await expect.poll(() => out, PATIENCE).toContain('ready')
    out = ''
    child.stdin.write(`${line}\t\t`)
    await expect.poll(() => out, PATIENCE).toMatch(what)
  } finally {
    child.kill()
    await ended
  }
}

describe.each(shells)('%s', (shell) => {
  test.skipIf(!canRun[shell])(
    'completes commands, options, fixed words and the names of nodes',
    { timeout: 200_000 },
    async () => {
      await offers[shell]('baton switchov', /switchover/)
      await offers[shell]('baton switchover --dry', /--dry-run/)
      await offers[shell]('baton fault ada kill-c', /kill-consensus/)
      await offers[shell]('baton hold seq-', /seq-a[\s\S]*seq-b/)
      await offers[shell]('baton quarantine seq-a --li', /--lift/)
    },
  )
})

test('every command and every option of it is in each script', () => {
  for (const shell of shells) {
    const text = run('cat', [script(shell)])
    for (const word of ['resequence', 'without-secrets', 'gate-port', 'against-vote'])
      expect(text, shell).toContain(word)
  }
})
