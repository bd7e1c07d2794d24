import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { go } from '../go.ts'
import { prepareModule } from '../go-module.ts'
import { BIN } from '../programs.ts'

const VERSION = 'github.com/ethereum-optimism/optimism/op-node/version'

/** What the next build says it is. */
export const NEXT_VERSION = 'v1.19.7-rolled'

/** Builds op-node once more, as another version; returns where it is. A matter of linking: seconds. */
export async function buildNext(): Promise<string> {
  const [version = '', meta = ''] = NEXT_VERSION.split('-')
  const path = join(BIN, 'op-node-next')
  const flags = `-X ${VERSION}.Version=${version} -X ${VERSION}.Meta=${meta}`
  await mkdir(BIN, { recursive: true })
  const module = await prepareModule(console.error)
  await go(
    ['build', module, '-trimpath', '-ldflags', flags, '-o', path, `${VERSION.replace('/version', '/cmd')}`],
    console.error,
  )
  return path
}
