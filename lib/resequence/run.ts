import type { Context, Reach } from './context.ts'
import { ResequenceRefused, StepFailed } from './errors.ts'
import type { Entry, Journal, Run } from './journal.ts'
import { stopNode } from './machine.ts'
import { plans } from './plan.ts'
import { restorePair } from './steps/backup.ts'
import type { Step } from './steps/step.ts'
import { RESTORE } from './way-back.ts'

/** What carries a run: the journal, who acts, and the history of the chain. */
export type Carrier = {
  readonly reach: Reach
  readonly journal: Journal
  readonly by: string
  /** Writes a History record. */
  readonly remember: (message: string) => Promise<void>
}

/**
 * Carries out what is left of a run, step by step, and stops at the first that fails. Only a step that
 * judged what it saw marks itself failed; whatever else goes wrong (the machine out of reach, the store
 * away) leaves it begun, to be resumed.
 *
 * @throws StepFailed, Interrupted, and what hosts and stores throw.
 * @throws ResequenceRefused when a failed step leaves only the way back.
 */
export async function carryOut(carrier: Carrier, begun: Run): Promise<Run> {
  let run = begun
  for (const step of plans[run.request.from]) {
    const last = run.entries.findLast((entry) => entry.step === step.name && entry.state !== 'noted')
    if (last?.state === 'done') continue
    if (last?.state === 'failed' && step.failed === 'restore') {
      throw new ResequenceRefused(`the step ${step.name} failed: ${last.words}`, RESTORE)
    }
    run = await carryOutStep(carrier, run, step, last?.state === 'begun' || last?.state === 'failed')
  }
  const { batch } = run.request.keep
  await carrier.remember(`everything after batch ${batch} was built anew and verified (run ${run.number})`)
  return add(carrier, run, { step: 'run', state: 'ended', words: 'done' })
}

async function carryOutStep(carrier: Carrier, begun: Run, step: Step, resumed: boolean): Promise<Run> {
  const { reach, journal } = carrier
  const { name } = step
  let run = await add(carrier, begun, { step: name, state: 'begun', words: step.does(begun.request) })
  reach.say(`${name}: ${step.does(run.request)}`)
  const context: Context = {
    ...reach,
    request: run.request,
    resumed,
    notes: () => run.notes,
    note: async (notes) => {
      run = await add(carrier, run, { step: name, state: 'noted', words: '', notes })
    },
    keepBefore: (sighting) => journal.keepBefore(run, sighting),
    before: async () => {
      const sighting = await journal.before(run)
      if (sighting) return sighting
      throw new StepFailed('what was captured is gone from the object store', RESTORE)
    },
  }
  try {
    if (resumed && step.interrupted === 'from-backup') {
      await stopNode(reach)
      reach.say(await restorePair(reach, run.notes.backup ?? ''))
    }
    const words = await step.run(context)
    reach.say(`${name}: done. ${words}`)
    await carrier.remember(`${name}: ${words}`)
    return await add(carrier, run, { step: name, state: 'done', words })
  } catch (error) {
    if (!(error instanceof StepFailed) && !(error instanceof ResequenceRefused)) throw error
    run = await add(carrier, run, { step: name, state: 'failed', words: error.message })
    // Nothing was changed: there is nothing to go on with, or to go back from.
    if (error instanceof ResequenceRefused) await add(carrier, run, { step: 'run', state: 'ended', words: 'refused' })
    await carrier.remember(`${name} failed: ${error.message}`)
    // What is there is not the chain that was promised: nobody may build on it.
    if (step.failed === 'restore') await stopNode(reach).catch(() => reach.say('the sequencer could not be stopped'))
    throw error
  }
}

/** Adds an entry by whoever carries the run. */
export async function add(
  { journal, by, reach }: Carrier,
  run: Run,
  entry: Pick<Entry, 'step' | 'state' | 'words'> & { readonly notes?: Entry['notes'] },
): Promise<Run> {
  return await journal.add(run, { at: reach.clock.now(), by, notes: {}, ...entry })
}
