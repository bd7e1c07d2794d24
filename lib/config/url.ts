/**
 * Why a text is no http(s) URL that we can use; `undefined` = it is one. Never quotes it: there may be a password.
 *
 * A user name and a password stand before the host, and what has a meaning in a URL must be percent-encoded there:
 * `pa#ss@host` would be another host, or none, without a word of warning.
 */
export function refuseUrl(text: string): string | undefined {
  if (/[\p{Cc}\\]/u.test(text)) return 'has a control character or a backslash in it'
  const rest = /^https?:\/\/(.*)$/is.exec(text)?.[1]
  if (rest === undefined) return 'is not an http or https URL'
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? ''
  // The last @ ends the user name and password, whatever was meant by a sign before it.
  const meant = rest.slice(0, Math.max(0, rest.lastIndexOf('@')))
  if (meant.length > authority.length) {
    return 'has a sign in its user name or password that ends the host: percent-encode it (# is %23, ? is %3F, / is %2F, @ is %40)'
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
