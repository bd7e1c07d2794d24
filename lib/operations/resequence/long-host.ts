import type { Clock } from '../../context/ports.ts'
import { cdkErigon } from '../../host/cdk-erigon.ts'
import { type Host, HostUnreachable } from '../../host/host.ts'
import { Interrupted } from './errors.ts'
import type { Notes } from './journal.ts'

/** A command started on a machine: the id to poll, and its parameters. */
export type Sent = { readonly id: string; readonly parameters: Readonly<Record<string, string>> }

/** Copies and unwinds take hours; any step that may take this long (ms) must outlast the process that starts it. */
const LONG_MS = 600_000

const long = new Set(Object.entries(cdkErigon).flatMap(([step, { timeoutMs }]) => (timeoutMs > LONG_MS ? [step] : [])))

/** The note that holds a command, by the step of the run and the step of the machine. */
const keyOf = (runStep: string, hostStep: string) => `sent.${runStep}.${hostStep}`

/** The command a step of the run has started on a machine, from its notes; `undefined` = none is known. */
export function sentOf(notes: Notes, runStep: string, hostStep: string): Sent | undefined {
  const text = notes[keyOf(runStep, hostStep)]
  return text ? (JSON.parse(text) as Sent) : undefined
}

/** Notes that clear a step's commands, so that it starts them again. */
export function forgetSent(notes: Notes, runStep: string): Notes {
  const keys = Object.keys(notes).filter((key) => key.startsWith(keyOf(runStep, '')) && notes[key] !== '')
  return Object.fromEntries(keys.map((key) => [key, '']))
}

/** What a {@link longHost} works with. */
export type LongHostOptions = {
  readonly host: Host
  readonly runStep: string
  readonly notes: () => Notes
  readonly note: (notes: Notes) => Promise<void>
  readonly clock: Clock
  readonly pollMs: number
  readonly signal: AbortSignal
}

/**
 * A host whose long steps outlast the process that starts them: each is started once, noted, and polled by any process
 * that carries the run on. A host without polling (a shell) runs its steps as usual.
 *
 * @throws Interrupted (from `run`) when the signal aborts: the command continues.
 */
export function longHost({ host, runStep, notes, note, clock, pollMs, signal }: LongHostOptions): Host {
  const { begin, ask } = host
  if (!begin || !ask) return host
  return {
    ...host,
    async run(step, parameters = {}, own) {
      if (!long.has(step)) return await host.run(step, parameters, own)
      const began = clock.now()
      const sent = sentOf(notes(), runStep, step)
      const same = sent && JSON.stringify(sent.parameters) === JSON.stringify(parameters)
      const id = same ? sent.id : await begin(step, parameters)
      if (!same) await note({ [keyOf(runStep, step)]: JSON.stringify({ id, parameters } satisfies Sent) })
      for (;;) {
        const ended = await ask(step, id).catch(async (error: unknown) => {
          // The machine never accepted it: a resumed run starts it again, instead of polling a dead command for ever.
          if (error instanceof HostUnreachable && error.ran === 'nothing') await note({ [keyOf(runStep, step)]: '' })
          throw error
        })
        if (ended) return { ...ended, ms: clock.now() - began }
        if (signal.aborted) throw new Interrupted(`"${step}" keeps running on its machine (command ${id})`)
        await clock.sleep(pollMs, signal)
      }
    },
  }
}
