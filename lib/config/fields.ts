import { isIPv4 } from 'node:net'
import * as v from 'valibot'

/**
 * Why a text is not a usable http(s) URL; `undefined` = it is. Never quotes the text: it may contain a password.
 *
 * Reserved characters in the user name and password before the host must be percent-encoded: `pa#ss@host` would
 * silently become another host, or none.
 */
export function refuseUrl(text: string, scheme: 'http' | 'ws' = 'http'): string | undefined {
  if (/[\p{Cc}\\]/u.test(text)) return 'has a control character or a backslash in it'
  const rest = new RegExp(`^${scheme}s?://(.*)$`, 'is').exec(text)?.[1]
  if (rest === undefined) return `is not ${scheme === 'ws' ? 'a ws or wss' : 'an http or https'} URL`
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  // The last @ ends the user name and password, whatever precedes it.
  const meant = rest.slice(0, Math.max(0, rest.lastIndexOf('@')))
  if (meant.length > authority.length) {
    return 'has a character in its user name or password that ends the host: percent-encode it (# is %23, ? is %3F, / is %2F, @ is %40)'
  }
  if (meant.includes('@')) return 'has an @ in its user name or password: percent-encode it (%40)'
  if (!isEncoded(meant))
    return 'has a % in its user name or password that encodes nothing in UTF-8: percent-encode it (%25)'
  return URL.canParse(text) ? undefined : 'is not a URL: its host or port cannot be read'
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Whether an address to listen on can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

// Fields common to all configurations.

/** Prefix of the message for an unusable URL. */
const URL_PROBLEM = 'no URL Baton can use'

/** A non-empty text. */
export const text = v.pipe(v.string(), v.minLength(1))

const urlOf = (scheme: 'http' | 'ws') =>
  v.pipe(
    v.string(URL_PROBLEM),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? refuseUrl(dataset.value, scheme) : undefined
      if (problem !== undefined) addIssue({ message: `${URL_PROBLEM}: it ${problem}` })
    }),
  )

/** An http or https URL. It may contain a user name and a password, so no message quotes it. */
export const url = urlOf('http')

/** A ws or wss URL, the same. */
export const wsUrl = urlOf('ws')

/** The problem of a URL, without quoting it; `undefined` when the issue is not about a URL. */
export function urlProblemOf({ message }: v.BaseIssue<unknown>): string | undefined {
  if (!message.startsWith(URL_PROBLEM)) return undefined
  return message.slice(URL_PROBLEM.length + ': it '.length) || 'is not the text of a URL'
}

/** An AWS region, e.g. `eu-west-1`. */
export const region = v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/))

/** An account or contract on L1: 20 bytes, lower case. */
export const account = v.pipe(
  v.string(),
  v.regex(/^0x[0-9a-fA-F]{40}$/, 'an address of 20 bytes, 0x and 40 hex digits'),
  v.transform((value) => value.toLowerCase() as `0x${string}`),
)
