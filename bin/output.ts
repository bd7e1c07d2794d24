import type { Log } from '../lib/log.ts'
import { printableColoured, printableLines } from '../lib/protocol/printable.ts'
import { jsonLog, textLog } from '../lib/terminal/log.ts'
import { paintFor } from '../lib/terminal/paint.ts'
import { toJson } from '../lib/text/format.ts'
import type { Globals } from './options.ts'

/** Writes a command's result: in words, or as JSON when asked. What others said drives no terminal either way. */
export function write({ json }: Globals, result: unknown, words: () => string): void {
  process.stdout.write(`${json ? printableLines(toJson(result, 2)) : printableColoured(words())}\n`)
}

/**
 * The log of a command that runs on: for people, or one JSON object a line. People are spared the
 * `routine`: messages of which there is one for each block.
 */
export function chooseLog({ json }: Globals, routine: readonly string[] = []): Log {
  const write = (line: string) => void process.stdout.write(line)
  if (json) return jsonLog(write)
  const log = textLog(write, paintFor(process.stdout))
  return { ...log, info: (message, facts) => (routine.includes(message) ? undefined : log.info(message, facts)) }
}
