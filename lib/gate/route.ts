import { UnknownPathError, WrongVerbError } from './errors.ts'

/** Who calls: a node of a chain, as the path names it. */
export type Caller = { readonly chain: string; readonly node: string }

/** What a request is for. */
export type Route =
  | { readonly to: 'node'; readonly caller: Caller }
  | { readonly to: 'health' }
  | { readonly to: 'readiness' }

const NODE = /^\/v1\/chains\/([A-Za-z0-9][\w-]{0,62})\/nodes\/([A-Za-z0-9][\w-]{0,62})\/?$/

/**
 * Finds what a request is for, by HTTP method and path (a query is ignored).
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
  if (bare !== '/healthz' && bare !== '/readyz') throw new UnknownPathError()
  if (verb !== 'GET' && verb !== 'HEAD') throw new WrongVerbError('GET')
  return { to: bare === '/healthz' ? 'health' : 'readiness' }
}
