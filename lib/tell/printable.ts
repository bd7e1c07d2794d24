/** What moves a cursor, ends a line, hides or turns text: controls, format characters, line and paragraph ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Makes text of others (a node's error, a method's name) safe to show on one line: what a terminal or a
 * log reader would obey is written out, `\u001b` for an escape.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, writtenOut)
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function writtenOut(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
