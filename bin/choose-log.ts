import type { Log } from '../lib/telemetry.ts'
import { jsonLog, textLog } from '../lib/terminal/log.ts'
import { paintFor } from '../lib/terminal/paint.ts'
import type { Globals } from './globals.ts'

/** The log of a command that runs on: for people, or one JSON object a line. */
export function chooseLog({ json }: Globals): Log {
  const write = (line: string) => void process.stdout.write(line)
  return json ? jsonLog(write) : textLog(write, paintFor(process.stdout))
}
