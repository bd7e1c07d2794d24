import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { node: string } }

/** The oldest Node that package.json admits, and the newest there is. */
export const versions = [`${engines.node.replace('>=', '')}.0`, '26.12.1']

/** The program of a version of Node, from npm, kept in `.cache`; where npm has none, the one that runs the tests. */
export function nodeOf(version: string): string {
  if (process.platform !== 'linux') return process.execPath
  const folder = join(root, '.cache/nodes', version)
  const program = join(folder, 'node_modules/.bin/node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  execFileSync('npm', ['install', ...options, '--prefix', folder, `node-linux-${process.arch}@${version}`])
  return program
}
