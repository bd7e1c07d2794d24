import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'baton-layers-'))
cpSync('biome.json', join(folder, 'biome.json'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Lints a file at `path` of a project that has nothing else. */
function lint(path: string, code: string): { readonly status: number | null; readonly said: string } {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  const args = ['lint', '--vcs-enabled=false', path]
  const { status, stdout, stderr } = spawnSync(resolve('node_modules/.bin/biome'), args, {
    cwd: folder,
    encoding: 'utf8',
  })
  return { status, said: stdout + stderr }
}

test.each([
  ['lib/protocol/x.ts', "import { y } from '../store/stores.ts'\nexport const x = y\n", 'lib/protocol is pure'],
  ['lib/protocol/x.ts', "import { y } from 'viem'\nexport const x = y\n", 'lib/protocol is pure'],
  ['lib/protocol/x.ts', 'export const x = () => Date.now()\n', 'lib/protocol is pure'],
  ['lib/protocol/x.ts', 'export const x = () => setTimeout(() => {}, 1)\n', 'lib/protocol is pure'],
  ['lib/chain/x.ts', "import { y } from '@aws-sdk/client-dynamodb'\nexport const x = y\n", 'lib/chain speaks to nodes'],
  ['lib/store/x.ts', "import { y } from '../chain/client.ts'\nexport const x = y\n", 'lib/store keeps records'],
  ['lib/store/x.ts', "import { y } from '../host/stacks.ts'\nexport const x = y\n", 'lib/store keeps records'],
  [
    'lib/config/x.ts',
    "import { y } from '../store/stores.ts'\nexport const x = y\n",
    'lib/config knows what may be written',
  ],
  ['lib/aws/x.ts', "import { y } from '../local/start.ts'\nexport const x = y\n", 'lib/aws is what functions share'],
  [
    'lib/aws-requests/x.ts',
    "import { y } from '../errors.ts'\nexport const x = y\n",
    'lib/aws-requests signs and sends',
  ],
  ['lib/host/x.ts', "import { y } from '../monitor/run.ts'\nexport const x = y\n", 'lib/host runs prepared steps'],
  ['lib/gate/x.ts', "import { y } from '../monitor/run.ts'\nexport const x = y\n", 'lib/gate stands on'],
  [
    'lib/crash-recovery/x.ts',
    "import { y } from '../local/start.ts'\nexport const x = y\n",
    'lib/crash-recovery stands on',
  ],
  ['lib/monitor/x.ts', "import { y } from '../gate/serve.ts'\nexport const x = y\n", 'lib/monitor stands on'],
  ['lib/resequence/x.ts', "import { y } from '../local/start.ts'\nexport const x = y\n", 'lib/resequence stands on'],
  ['lib/monitor/acts/x.ts', "import { y } from '../../local/start.ts'\nexport const x = y\n", 'lib/monitor stands on'],
  ['lib/l1/x.ts', "import { y } from '../monitor/run.ts'\nexport const x = y\n", 'lib/l1 looks at L1'],
  ['lib/upgrade/x.ts', "import { y } from '../local/start.ts'\nexport const x = y\n", "an operator's room stands on"],
  ['lib/disaster/x.ts', "import { y } from '../page/serve.ts'\nexport const x = y\n", "an operator's room stands on"],
  ['lib/procedures/x.ts', "import { y } from '../page/serve.ts'\nexport const x = y\n", 'lib/procedures is what'],
  ['lib/backfill/x.ts', "import { y } from '../local/start.ts'\nexport const x = y\n", 'lib/backfill stands on'],
])('%s may not do: %s', (path, code, why) => {
  expect(lint(path, code).said).toContain(why)
})

test('the rule lets through what points inward', () => {
  const { status, said } = lint('lib/monitor/x.ts', "import { y } from '../store/stores.ts'\nexport const x = y\n")
  expect(status, said).toBe(0)
})
