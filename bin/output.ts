import type { Log } from '../lib/log.ts'
import { printableColoured, printableLines } from '../lib/protocol/printable.ts'
import { jsonLog, textLog } from '../lib/terminal/log.ts'
import { paintFor } from '../lib/terminal/paint.ts'
import { toJson } from '../lib/text/format.ts'
import type { JsonKind } from './json.ts'
import { JSON_VERSION } from './json-version.ts'
import type { Globals } from './options.ts'

/**
 * Writes a command's result, as text or as JSON of a kind that docs/reference/schemas describes. Foreign text cannot
 * drive the terminal either way.
 */
export function write({ json }: Globals, kind: JsonKind, result: object, words: () => string): void {
  const text = json ? printableLines(toJson({ version: JSON_VERSION, kind, ...result }, 2)) : printableColoured(words())
  process.stdout.write(`${text}\n`)
}

/**
 * The log of a long-running command: for people, or one JSON object a line. The log for people omits `routine`:
 * messages that come with each block.
 */
export function chooseLog({ json }: Globals, routine: readonly string[] = []): Log {
  const write = (line: string) => void process.stdout.write(line)
  if (json) return jsonLog(write)
  const log = textLog(write, paintFor(process.stdout))
  return { ...log, info: (message, facts) => (routine.includes(message) ? undefined : log.info(message, facts)) }
}
