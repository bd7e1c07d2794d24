/** What can move a cursor, end a line, hide or turn text: controls, format characters, line or paragraph ends. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** What our own colours are made of: `ESC [ … m`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is about control characters
const COLOURS = /(\u001b\[[\d;]*m)/

/**
 * Makes foreign text (a node's error, a method's name) safe to show on one line: it escapes what a terminal or a log
 * reader would obey, `\u001b` for an escape.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, writtenOut)
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** The same for text of several lines in our own colours: only colours and line ends remain active. */
export function printableColoured(text: string): string {
  return text
    .split(COLOURS)
    .map((part, i) => (i % 2 === 1 ? part : printableLines(part)))
    .join('')
}

/**
 * Foreign text in the form it is stored: on one line, at most `most` characters. Applied where an answer is read, so
 * that no later code has to care.
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
