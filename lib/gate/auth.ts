import { hash, timingSafeEqual } from 'node:crypto'
import { UnauthorizedError } from './errors.ts'
import type { Caller } from './route.ts'

/** The one or two valid secrets of a node; `undefined` = no such chain or node. */
export type FindSecrets = (
  chain: string,
  node: string,
) => readonly string[] | undefined | Promise<readonly string[] | undefined>

/**
 * Lets a caller pass whose Basic auth password (any user name) is a secret of the node its path
 * names. An unknown chain or node and a wrong secret take the same way through here.
 *
 * @throws UnauthorizedError
 */
export async function authenticate(
  { chain, node }: Caller,
  authorization: string | undefined,
  findSecrets: FindSecrets,
): Promise<void> {
  const given = digest(passwordOf(authorization) ?? '')
  const secrets = (await findSecrets(chain, node)) ?? []
  let matches = 0
  for (const i of [0, 1]) {
    const secret = secrets[i] ?? ''
    const same = timingSafeEqual(given, digest(secret))
    if (same && secret !== '') matches += 1
  }
  if (matches === 0) throw new UnauthorizedError()
}

/** The password of a Basic authorization header: what follows the first colon. */
export function passwordOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : pair.slice(colon + 1)
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
