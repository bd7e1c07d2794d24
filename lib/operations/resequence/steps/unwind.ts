import type { StepResult } from '../../../host/host.ts'
import { lastKept } from '../block-range.ts'
import type { Context, Step } from '../context.ts'
import { RESTORE, StepFailed } from '../errors.ts'
import type { LogEvent } from '../log-lines.ts'
import { logPosition, readDatabaseEnd, readToEnd } from '../machine.ts'
import { programs } from '../programs.ts'

export const unwind: Step = {
  name: 'unwind',
  does: ({ keep }) =>
    `remove everything after batch ${keep.batch} from the database, offline; the data stream keeps it`,
  checks: [
    'the tool ends with 0; its log names the kept batch and its last block, and has no error of any kind',
    'the database itself ends with the last block of the kept batch',
  ],
  interrupted: 'from-backup',
  failed: 'restore',
  async run(context) {
    const { host, config, request, note, notes, sent } = context
    const step = programs.unwind(config)
    const position = (sent(step) && notes().unwindFrom) ?? (await logPosition(context))
    await note({ unwindFrom: position })
    const parameters = { batch: String(request.keep.batch), chain: config.chain.erigon }
    const ended = await host.run(step, parameters)
    const fault = faultOf(ended, await readToEnd(context, position))
    if (fault !== undefined) throw new StepFailed(fault, RESTORE)
    return await readBack(context)
  },
}

/** The evidence against the tool's success. Its line "UnwindToBatch" proves nothing: it precedes the work. */
function faultOf({ exitCode, stderr }: StepResult, events: readonly LogEvent[]): string | undefined {
  const error = events.find((event) => event.kind === 'trouble' || event.kind === 'error')
  if (error) return `the unwind says: ${error.text}`
  const ending = events.find((event) => event.kind === 'ending')
  if (ending) return `the unwind was interrupted: ${ending.text}`
  if (exitCode !== 0) {
    const how = exitCode === undefined ? 'by a signal or its time-out' : `with exit code ${exitCode}`
    return `the unwind ended ${how}${exitCode === 137 ? ' (it was killed)' : ''}: ${stderr.trim().slice(-200)}`
  }
  if (!events.some(({ kind }) => kind === 'unwound')) return 'the unwind left no word of what it did'
  return undefined
}

/** Reads the database's end and records it for the predicates. */
async function readBack(context: Context): Promise<string> {
  const { number } = lastKept(await context.before())
  const end = await readDatabaseEnd(context)
  if (end !== number) {
    throw new StepFailed(`the database ends with block ${end} after the unwind, not with block ${number}`, RESTORE)
  }
  await context.note({ unwoundTo: String(end) })
  return `the database ends with block ${end}, the last of batch ${context.request.keep.batch}`
}
