import { toJson } from '../lib/tell/to-json.ts'
import type { Globals } from './globals.ts'

/** Writes a command's result: in words, or as JSON when asked. */
export function write({ json }: Globals, result: unknown, words: () => string): void {
  process.stdout.write(`${json ? toJson(result, 2) : words()}\n`)
}
