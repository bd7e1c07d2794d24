import type { Watching } from '../lib/operations/engine/procedure.ts'
import { printableColoured } from '../lib/protocol/printable.ts'
import { operatorName } from './connect.ts'
import type { Globals } from './globals.ts'
import { untilInterrupted } from './interrupted.ts'

/** A procedure in a terminal: each sentence is a line, unless JSON is asked for; Ctrl-C ends it where it can be left. */
export function watch({ json }: Globals): Watching {
  const say = (line: string) => void (json || process.stdout.write(`${printableColoured(line)}\n`))
  return { by: operatorName(), signal: untilInterrupted(), say, progress: say, steps: () => {} }
}
