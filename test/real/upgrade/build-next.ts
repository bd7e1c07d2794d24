import { execFile } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { binary, build } from '../build.ts'

const VERSION = 'github.com/ethereum-optimism/optimism/op-node/version'

/** What the next build says it is. */
export const NEXT_VERSION = 'v1.16.12-rolled'

/** Builds op-node once more, as another version; returns where it is. A matter of linking: seconds. */
export async function buildNext(): Promise<string> {
  await build()
  const [version = '', meta = ''] = NEXT_VERSION.split('-')
  const path = join(dirname(binary('op-node')), 'op-node-next')
  const flags = `-X ${VERSION}.Version=${version} -X ${VERSION}.Meta=${meta}`
  await promisify(execFile)(
    'go',
    ['build', '-trimpath', '-ldflags', flags, '-o', path, 'github.com/ethereum-optimism/optimism/op-node/cmd'],
    { cwd: resolve(import.meta.dirname, '..'), env: { ...process.env, CGO_ENABLED: '0' }, timeout: 300_000 },
  )
  return path
}
