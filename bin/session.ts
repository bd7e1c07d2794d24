import type { Observer } from '../lib/operations/engine/procedure.ts'
import { printableColoured } from '../lib/protocol/printable.ts'
import { operatorName } from './connect.ts'
import type { Globals } from './options.ts'

/** A signal that aborts when the process is asked to end. Asked twice, it ends at once. */
export function untilInterrupted(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(1)
      interrupted.abort()
    })
  }
  return interrupted.signal
}

/** Ends the process with this text if it is interrupted; returns how to take that back. */
export function sayWhenInterrupted(text: string): () => void {
  const end = () => {
    process.stderr.write(text)
    process.exit(130)
  }
  process.once('SIGINT', end)
  return () => void process.off('SIGINT', end)
}

/** Resolves when the signal aborts. */
export async function whenInterrupted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
}

/** A procedure in a terminal: each sentence is a line, except with --json; Ctrl-C ends it at the next safe point. */
export function watch({ json }: Globals): Observer {
  const say = (line: string) => void (json || process.stdout.write(`${printableColoured(line)}\n`))
  return { by: operatorName(), signal: untilInterrupted(), say, progress: say, steps: () => {} }
}
