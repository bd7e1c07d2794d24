import { stripVTControlCharacters } from 'node:util'

/** Characters a text takes on a terminal. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length

/**
 * Breaks a text into lines of at most `width` characters: between words, and within a word that is longer than a line.
 * Colours take no width. Line breaks of the text stay; `indent` goes before each line but the first.
 */
export function wrap(text: string, width: number, indent = ''): string {
  const room = Math.max(1, width - indent.length)
  const lines = text.split('\n').flatMap((line) => (widthOf(line) <= room ? [line] : breakLine(line, room)))
  return lines.join(`\n${indent}`)
}

function breakLine(line: string, width: number): string[] {
  const lines: string[] = []
  let open = ''
  for (const word of line.split(' ').flatMap((each) => pieces(each, width))) {
    if (open === '') open = word
    else if (widthOf(open) + 1 + widthOf(word) <= width) open += ` ${word}`
    else {
      lines.push(open)
      open = word
    }
  }
  return [...lines, open]
}

/** A word, cut where it is longer than a line. A coloured word is never cut: its colour would not end. */
function pieces(word: string, width: number): string[] {
  if (widthOf(word) <= width || widthOf(word) !== word.length) return [word]
  return Array.from({ length: Math.ceil(word.length / width) }, (_, i) => word.slice(i * width, (i + 1) * width))
}
