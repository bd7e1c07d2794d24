/** A URL without its user name and password, and the header they become: no message may show them. */
export function splitUserinfo(url: string): {
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
} {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  if (!username && !password) return { target, headers: {} }
  const userinfo = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  return { target, headers: { authorization: `Basic ${userinfo.toString('base64')}` } }
}
