import type { Context, Endpoints, Step } from './context.ts'
import { RESTORE, ResequenceRefused, StepFailed } from './errors.ts'
import type { Entry, Journal, Notes, Run } from './journal.ts'
import { forgetSent, longHost, sentOf } from './long-host.ts'
import { stopNode } from './machine.ts'
import { plans } from './plan.ts'
import { restorePair } from './steps/backup.ts'

/** The context of a run: its endpoints, the journal, the actor, and the chain's history. */
export type RunContext = {
  readonly endpoints: Endpoints
  readonly journal: Journal
  readonly by: string
  /** Writes a History record. */
  readonly remember: (message: string) => Promise<void>
}

/**
 * Carries out the remaining steps of a run and stops at the first failure. Only a step that judged its observation
 * marks itself failed; any other error (an unreachable machine, a silent store) leaves it begun, to be resumed.
 *
 * @throws StepFailed, Interrupted, and what hosts and stores throw.
 * @throws ResequenceRefused when a failed step leaves only the way back.
 */
export async function carryOut(runContext: RunContext, begun: Run): Promise<Run> {
  let run = begun
  for (const step of plans[run.request.from]) {
    const last = run.entries.findLast((entry) => entry.step === step.name && entry.state !== 'noted')
    if (last?.state === 'done') continue
    if (last?.state === 'failed' && step.failed === 'restore') {
      throw new ResequenceRefused(`the step ${step.name} failed: ${last.words}`, RESTORE)
    }
    run = await carryOutStep(runContext, run, step, last?.state)
  }
  const { batch } = run.request.keep
  await runContext.remember(`everything after batch ${batch} was rebuilt and verified (run ${run.number})`)
  return add(runContext, run, { step: 'run', state: 'ended', words: 'done' })
}

async function carryOutStep(runContext: RunContext, begun: Run, step: Step, left?: Entry['state']): Promise<Run> {
  const { endpoints, journal } = runContext
  const { name } = step
  const continued = left === 'begun'
  const words = step.does(begun.request)
  const afresh = continued ? {} : forgetSent(begun.notes, name)
  let run = await add(runContext, begun, { step: name, state: 'begun', words, notes: afresh })
  endpoints.say(`${name}: ${words}`)
  const notes = () => run.notes
  const note = async (more: Notes) => {
    run = await add(runContext, run, { step: name, state: 'noted', words: '', notes: more })
  }
  const { clock, signal, config } = endpoints
  const { pollMs } = config.patience
  const context: Context = {
    ...endpoints,
    host: longHost({ host: endpoints.host, runStep: name, notes, note, clock, pollMs, signal }),
    request: run.request,
    resumed: continued || left === 'failed',
    continued,
    begunAt: begunAt(run, name, endpoints),
    sent: (hostStep) => sentOf(run.notes, name, hostStep),
    notes,
    note,
    keepBefore: async (sighting) => note({ before: await journal.keepBefore(run, sighting) }),
    before: async () => {
      const sighting = await journal.before(run)
      if (sighting) return sighting
      throw new StepFailed('what was captured is gone from the object store', RESTORE)
    },
  }
  try {
    if (context.resumed && step.interrupted === 'from-backup' && !unwinds(context)) {
      await stopNode(endpoints)
      endpoints.say(await restorePair(context, run.notes.backup ?? '', context.sent('restore')))
      // Done: a resume after a crash from here on restores it once more.
      await note(forgetSent(run.notes, name))
    }
    const seen = await step.run(context)
    endpoints.say(`${name}: done. ${seen}`)
    await runContext.remember(`${name}: ${seen}`)
    return await add(runContext, run, { step: name, state: 'done', words: seen })
  } catch (error) {
    if (!(error instanceof StepFailed) && !(error instanceof ResequenceRefused)) throw error
    run = await add(runContext, run, { step: name, state: 'failed', words: error.message })
    // Nothing was changed: there is nothing to resume, and nothing to undo.
    if (error instanceof ResequenceRefused)
      await add(runContext, run, { step: 'run', state: 'ended', words: 'refused' })
    await runContext.remember(`${name} failed: ${error.message}`)
    // This is not the chain that was promised: nothing may build on it.
    if (step.failed === 'restore')
      await stopNode(endpoints).catch(() => endpoints.say('the sequencer could not be stopped'))
    throw error
  }
}

/** Whether the unwind itself is known to be under way on the machine: follow it, do not undo it. */
const unwinds = ({ sent }: Context) => sent('unwind') !== undefined || sent('unwind-smt-v2') !== undefined

/** When this execution began the step, in any of its slices. */
function begunAt({ entries }: Run, step: string, { since, clock }: Endpoints): number {
  if (since === undefined) return clock.now()
  const failed = entries.findLastIndex((entry) => entry.step === step && entry.state === 'failed')
  const first = entries.find((entry, i) => i > failed && entry.step === step && entry.state === 'begun')
  return Math.max(since, first?.at ?? 0)
}

/** Adds an entry in the name of this execution. */
export async function add(
  { journal, by, endpoints }: RunContext,
  run: Run,
  entry: Pick<Entry, 'step' | 'state' | 'words'> & { readonly notes?: Entry['notes'] },
): Promise<Run> {
  return await journal.add(run, { at: endpoints.clock.now(), by, notes: {}, ...entry })
}
