import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** Prints how much `npm ci` of a clone installs, and what it warns of; fails above the goals. */
const MOST_MB = 400
const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'baton-install-'))
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

try {
  mkdirSync(join(folder, 'test'))
  for (const file of [
    'package.json',
    'package-lock.json',
    '.npmrc',
    '.ci',
    'test/.npmrc',
    'test/package.json',
    'test/package-lock.json',
  ])
    cpSync(join(root, file), join(folder, file), { recursive: true })
  const clone = install([])
  const tests = install(['--prefix', 'test'])
  console.log(`Node ${process.version}, npm ${run('npm', ['--version']).stdout.trim()}`)
  print('npm ci', clone)
  print('npm ci --prefix test', tests)
  const biggest = run('sh', ['-c', 'du -sm node_modules/* node_modules/@*/* | sort -rn | head -5']).stdout
  console.log(`largest (MB):\n${biggest}`)
  if (clone.mb > MOST_MB || clone.warnings.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

type Installed = { readonly mb: number; readonly warnings: readonly string[]; readonly seconds: number }

function install(options: readonly string[]): Installed {
  const began = performance.now()
  const { status, stdout, stderr } = run('npm', ['ci', '--no-audit', '--no-fund', ...options])
  if (status !== 0) throw new Error(stderr)
  const [place = '.'] = options.slice(1)
  return {
    mb: Number.parseInt(run('du', ['-s', '--apparent-size', '-B1000000', join(place, 'node_modules')]).stdout, 10),
    warnings: (stdout + stderr).split('\n').filter((line) => line.startsWith('npm warn')),
    seconds: (performance.now() - began) / 1000,
  }
}

function print(what: string, { mb, warnings, seconds }: Installed): void {
  console.log(`${what.padEnd(22)} ${String(mb).padStart(4)} MB  ${warnings.length} warnings  ${seconds.toFixed(0)} s`)
  for (const warning of warnings) console.log(`  ${warning}`)
}

function run(command: string, args: readonly string[]) {
  return spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' })
}
