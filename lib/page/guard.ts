import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Why a request is not served: an HTTP status and a sentence. */
export type Refusal = { readonly status: number; readonly message: string }

/** The header that carries the page's token. */
export const TOKEN_HEADER = 'x-baton-token'

/**
 * Checks that a request is meant for this server and not smuggled in by another site: the exact Host (a name rebound to
 * loopback has another one), and the origin the browser reports.
 */
export function refuseStranger(headers: IncomingHttpHeaders, hosts: ReadonlySet<string>): Refusal | undefined {
  const { host, origin } = headers
  if (host === undefined || !hosts.has(host)) return { status: 403, message: 'this server does not serve that host' }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return { status: 403, message: 'the request comes from another origin' }
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return { status: 403, message: 'the request comes from another site' }
  }
  return undefined
}

/** Checks, beyond {@link refuseStranger}, what only the page itself can know or send. */
export function refuseAct(headers: IncomingHttpHeaders, token: string): Refusal | undefined {
  if (!sameToken(headers[TOKEN_HEADER], token))
    return { status: 403, message: 'the token is missing or wrong; open the address that "baton start" printed' }
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return { status: 415, message: 'acts must be sent as application/json' }
  }
  return undefined
}

/** How short the secret of a page may be that other machines can reach. */
export const SECRET_LENGTH = 16

/**
 * Whether a request may see a page that other machines can reach: it has the secret as its password (any user name), as
 * browsers send it, or the token, as Baton's own commands do.
 */
export function maySee(headers: IncomingHttpHeaders, secret: string, token: string): boolean {
  if (sameToken(headers[TOKEN_HEADER], token)) return true
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '') ?? []
  const words = Buffer.from(encoded, 'base64').toString('utf8')
  return sameToken(words.slice(words.indexOf(':') + 1), secret)
}

function sameToken(given: string | readonly string[] | undefined, token: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The headers of every answer: no caching, no type sniffing, no access from other sites. */
export const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** The page's content security policy: nothing from elsewhere, only the script with this nonce, no frame around it. */
export function contentPolicy(nonce: string): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`
}
