import { printableColoured, printableLines } from '../lib/protocol/printable.ts'
import { toJson } from '../lib/text/to-json.ts'
import type { Globals } from './globals.ts'

/** Writes a command's result: in words, or as JSON when asked. What others said drives no terminal either way. */
export function write({ json }: Globals, result: unknown, words: () => string): void {
  process.stdout.write(`${json ? printableLines(toJson(result, 2)) : printableColoured(words())}\n`)
}
