/** What others wrote is shown to people: so many characters of its first line. */
const MOST = 200

/**
 * Somebody else's words in one line that is safe to show: printable, bounded, and without URLs, which may hold a
 * secret (op-node's errors name that of its conductor).
 */
export function quote(text: string, most = MOST): string {
  const [line = ''] = text
    .trimStart()
    .slice(0, 4 * MOST)
    .split(/[\r\n]/, 1)
  return line
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]*/gi, '(URL)')
    .trim()
    .slice(0, most)
}
