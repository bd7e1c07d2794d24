import type { Log } from '../log.ts'
import { printable } from '../protocol/printable.ts'
import { formatClock, soften, toJson } from '../text/format.ts'
import type { Paint, Tone } from './paint.ts'

type Level = keyof Log
const tones: Record<Level, Tone> = { info: 'quiet', warn: 'warn', error: 'bad' }

/** A log for people: the clock, the sentence, the facts. */
export function textLog(write: (line: string) => void, paint: Paint): Log {
  return logWith((level, message, facts) => {
    // A record's id is for programs: to a reader it is the time once more.
    const known = Object.entries(facts).filter(([name, value]) => value !== undefined && name !== 'record')
    const rest = known.map(([name, value]) => ` ${printable(name)}=${printable(plainly(value))}`)
    write(
      `${paint('quiet', formatClock(Date.now()))} ${paint(tones[level], level.padEnd(5))} ${printable(message)}${paint('quiet', rest.join(''))}\n`,
    )
  })
}

/** A log for programs: one JSON object a line. */
export function jsonLog(write: (line: string) => void): Log {
  return logWith((level, message, facts) => {
    const plain = Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [name, value instanceof Error ? value.message : value]),
    )
    // JSON leaves 8-bit controls and bidirectional marks raw; escaped, they mean the same.
    write(`${printable(toJson({ ...plain, at: new Date().toISOString(), level, message }))}\n`)
  })
}

function logWith(write: (level: Level, message: string, facts: object) => void): Log {
  const at =
    (level: Level) =>
    (message: string, facts: object = {}) =>
      write(level, message, facts)
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

/** A fact as a bare word if possible; sentences in quotes. */
function plainly(fact: unknown): string {
  if (typeof fact === 'number') return String(Math.round(fact * 100) / 100)
  if (typeof fact === 'bigint') return String(fact)
  if (fact instanceof Error) return plainly(fact.message)
  if (Array.isArray(fact)) return plainly(fact.map((one) => (typeof one === 'string' ? one : toJson(one))).join('; '))
  if (typeof fact !== 'string') return toJson(fact)
  const text = soften(fact)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}
