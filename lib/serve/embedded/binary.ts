import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { BatonError } from '../../errors.ts'

/** The embedded database cannot run here, or did not come up. */
export class EmbeddedDatabaseError extends BatonError {
  override readonly name = 'EmbeddedDatabaseError'
  override readonly code = 'embedded-database'
}

/**
 * Path of the dynoxide binary for this platform.
 *
 * @throws EmbeddedDatabaseError when there is none.
 */
export function dynoxidePath(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@dynoxide/${platform}-${arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dynoxide')
  } catch (cause) {
    throw new EmbeddedDatabaseError({
      message: `the embedded database is not installed for ${platform}-${arch}`,
      remedy: `Install ${name} if that package exists, or set store.endpoint to a DynamoDB API of your own.`,
      cause,
    })
  }
}
