import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { breaches, layers, simulatorImports } from './layers.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-layers-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('no file of lib imports outward', () => {
  expect(breaches('.')).toEqual([])
})

test('a room names only rooms above it: there is no circle', () => {
  const rooms = Object.keys(layers)
  for (const [i, room] of rooms.entries())
    for (const inner of layers[room] ?? []) expect(rooms.indexOf(inner), `${room} -> ${inner}`).toBeLessThan(i)
})

test('only start and drill load the simulator, and only when they use it', () => {
  expect(simulatorImports('.')).toEqual([])
})

test.each([
  ['bin/commands/start.ts', "import { y } from '../../lib/simulator/faults.ts'"],
  ['bin/commands/drill.ts', "import type { Y } from '../../lib/simulator/drills/drill.ts'"],
  ['bin/commands/gate.ts', "const y = await import('../../lib/simulator/faults.ts')"],
  ['lambdas/x.ts', "import { y } from '../lib/simulator/faults.ts'"],
])('%s may not say %s', (file, code) => {
  write(file, code)
  expect(simulatorImports(folder)).toHaveLength(1)
  rmSync(join(folder, dirname(file)), { recursive: true })
})

test.each([
  ['lib/serve/start.ts', "import type { Y } from '../simulator/start-simulated.ts'"],
  ['lib/serve/x.ts', "const y = await import('../simulator/start-simulated.ts')"],
  ['lib/protocol/x.ts', "import { y } from '../store/stores.ts'"],
  ['lib/protocol/x.ts', "export { y } from '../store/stores.ts'"],
  ['lib/chain/x.ts', "import { y } from '@aws-sdk/client-dynamodb'"],
  ['lib/monitor/acts/x.ts', "import {\n  y,\n} from '../../serve/start.ts'"],
  ['lib/gate/x.ts', "const y = await import('../monitor/run.ts')"],
  ['lib/page/x.ts', "import type { Stack } from 'aws-cdk-lib/core'"],
  ['lib/operations/engine/x.ts', "import { y } from '../upgrade/run.ts'"],
  ['lib/serve/x.ts', "import { y } from '../../bin/cli.ts'"],
  ['lib/unheard-of/x.ts', "import { y } from '../protocol/block.ts'"],
])('%s may not say %s', (file, code) => {
  write(file, code)
  expect(breaches(folder)).toHaveLength(1)
  rmSync(join(folder, 'lib'), { recursive: true })
})

test('lib/protocol has no clock, randomness or process of its own: the linter refuses it', () => {
  cpSync('biome.json', join(folder, 'biome.json'))
  mkdirSync(join(folder, 'lib/protocol'), { recursive: true })
  writeFileSync(join(folder, 'lib/protocol/x.ts'), 'export const x = () => [Date.now(), setTimeout(() => {}, 1)]\n')
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', 'lib/protocol/x.ts']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  expect((stdout + stderr).match(/lib\/protocol is pure/g)).toHaveLength(2)
})

function write(file: string, code: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), `${code}\n`)
}
