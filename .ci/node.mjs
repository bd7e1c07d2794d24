// Runs after `npm ci`, on any Node: what is installed runs TypeScript, and needs a Node that strips its types. A machine
// whose own Node is older gets one beside the packages, as node_modules/.bin/node, which npm and npx find first.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isNewEnough, refuseNode } from '../bin/node-version.mjs'

if (!isNewEnough) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const folder = join(root, 'node_modules/.node')
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, '.ci/node'), folder, { recursive: true })
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' })
  const link = join(root, 'node_modules/.bin/node')
  const isThere = spawnSync(join(folder, 'node_modules/.bin/node'), ['--version']).status === 0
  rmSync(link, { force: true })
  if (isThere) symlinkSync('../.node/node_modules/.bin/node', link)
  if (status !== 0 || !isThere) refuseNode('Baton', ', then run npm ci')
}
