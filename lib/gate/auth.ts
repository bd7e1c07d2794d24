import { hash, timingSafeEqual } from 'node:crypto'
import { type Access, type Place, type RoleSecrets, roles } from './desk.ts'
import { UnauthorizedError, UnknownPathError, WrongVerbError } from './errors.ts'

/** The calling node and its chain, as named in the path. */
export type Caller = { readonly chain: string; readonly node: string }

/** What a request asks for. */
export type Route =
  | { readonly to: 'node'; readonly caller: Caller }
  | { readonly to: 'leader'; readonly chain: string }
  /** `/`, where op-conductor listens. */
  | { readonly to: 'root' }
  | { readonly to: 'root-health' }
  | { readonly to: 'health' }
  | { readonly to: 'readiness' }

const NODE = /^\/v1\/chains\/([A-Za-z0-9][\w-]{0,62})\/nodes\/([A-Za-z0-9][\w-]{0,62})\/?$/
const LEADER = /^\/v1\/chains\/([A-Za-z0-9][\w-]{0,62})\/leader\/?$/

/**
 * Routes a request by HTTP method and path; ignores the query.
 *
 * @throws UnknownPathError
 * @throws WrongVerbError
 */
export function route(verb: string, path: string): Route {
  const bare = path.split('?', 1)[0] ?? ''
  const [, chain, node] = NODE.exec(bare) ?? []
  if (chain !== undefined && node !== undefined) {
    if (verb !== 'POST') throw new WrongVerbError('POST')
    return { to: 'node', caller: { chain, node } }
  }
  const [, ofLeader] = LEADER.exec(bare) ?? []
  const atRoot = bare === '/' || bare === ''
  // Load balancers ask `GET /` by default, and op-conductor's server answers it.
  if (atRoot && (verb === 'GET' || verb === 'HEAD')) return { to: 'root-health' }
  if (ofLeader !== undefined || atRoot) {
    if (verb !== 'POST') throw new WrongVerbError('POST')
    return ofLeader === undefined ? { to: 'root' } : { to: 'leader', chain: ofLeader }
  }
  if (bare !== '/healthz' && bare !== '/readyz') throw new UnknownPathError()
  if (verb !== 'GET' && verb !== 'HEAD') throw new WrongVerbError('GET')
  return { to: bare === '/healthz' ? 'health' : 'readiness' }
}

/** The one or two valid secrets of a node; `undefined` = no such chain or node. */
export type FindSecrets = (
  chain: string,
  node: string,
) => readonly string[] | undefined | Promise<readonly string[] | undefined>

/**
 * Authenticates a caller by its Basic auth password, which must be a secret of the node in the path; any user name
 * passes. An unknown chain, an unknown node and a wrong secret take the same code path.
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

/** The secrets of the roles of a chain; `undefined` = no such chain. */
export type FindRoleSecrets = (chain: string) => RoleSecrets | undefined | Promise<RoleSecrets | undefined>

/**
 * Proves who calls: the node of the path, at the chain's path the node that the user name names, or else a role, whose
 * caller is called by the user name.
 *
 * @throws UnauthorizedError
 */
export async function identify(
  { chain, node: placed }: Place,
  authorization: string | undefined,
  { findSecrets, findRoleSecrets }: { readonly findSecrets: FindSecrets; readonly findRoleSecrets?: FindRoleSecrets },
): Promise<Access> {
  const user = userOf(authorization)
  const node = placed ?? user
  try {
    await authenticate({ chain, node }, authorization, findSecrets)
    return { role: 'node', name: node }
  } catch (error) {
    if (!(error instanceof UnauthorizedError) || !findRoleSecrets) throw error
    const secrets = await findRoleSecrets(chain)
    const held = await Promise.all(roles.map((role) => holds(authorization, secrets?.[role])))
    const role = roles[held.lastIndexOf(true)]
    if (role === undefined) throw error
    return { role, name: user }
  }
}

async function holds(authorization: string | undefined, secrets: readonly string[] = []): Promise<boolean> {
  try {
    await authenticate({ chain: '', node: '' }, authorization, () => secrets)
    return true
  } catch {
    return false
  }
}

/** The user name of a Basic authorization header: everything before the first colon. */
export function userOf(authorization: string | undefined): string {
  return pairOf(authorization)?.[0] ?? ''
}

/** The password of a Basic authorization header: everything after the first colon. */
export function passwordOf(authorization: string | undefined): string | undefined {
  return pairOf(authorization)?.[1]
}

function pairOf(authorization: string | undefined): readonly [user: string, password: string] | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const pair = Buffer.from(encoded, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : [pair.slice(0, colon), pair.slice(colon + 1)]
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
