/** What moves a cursor, ends a line, hides or turns text: controls, format characters, line and paragraph ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** What our own colours are made of: `ESC [ … m`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is about control characters
const COLOURS = /(\u001b\[[\d;]*m)/

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

/** The same for text of several lines that we coloured: nothing but colours and line ends is left to obey. */
export function printableColoured(text: string): string {
  return text
    .split(COLOURS)
    .map((part, i) => (i % 2 === 1 ? part : printableLines(part)))
    .join('')
}

/**
 * What somebody else said, as it is kept: on one line, at most `most` characters of it. Applied where an answer is
 * read, so that nothing behind has to think of it.
 */
export function quoteForeign(text: string, most: number): string {
  const characters = text.slice(0, 2 * most + 1)
  const kept = Array.from(characters).slice(0, most).join('')
  return printable(kept.length < text.length ? `${kept}…` : kept)
}

function writtenOut(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
