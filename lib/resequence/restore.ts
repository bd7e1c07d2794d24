import type { Reach } from './context.ts'
import { ResequenceRefused, StepFailed } from './errors.ts'
import type { Notes, Run } from './journal.ts'
import { forgetSent, longHost, sentOf } from './long-host.ts'
import { countProcesses, startNode, stopNode } from './machine.ts'
import { add, type Carrier } from './run.ts'
import { restorePair } from './steps/backup.ts'
import { readHash, readTip } from './zk-node.ts'

const RESTORING = 'restore'

/**
 * The way back from a run that failed or is no longer wanted: puts the backup back, if there is one
 * yet, and starts everything as it was. L1 keeps a rollback that was sent: its batches are sent again.
 *
 * @throws ResequenceRefused once the chain has gone on upon the new blocks: they are published.
 * @throws StepFailed when what is there afterwards is not what was there before.
 */
export async function restore(carrier: Carrier, begun: Run): Promise<Run> {
  const { reach, journal, remember } = carrier
  let run = begun
  if (run.ended) throw new ResequenceRefused(`run ${run.number} is over`, 'There is nothing to go back from.')
  // That it was confirmed may not have been written down any more.
  if (
    run.entries.some(({ step, state }) => step === 'confirm' && state === 'done') ||
    (await goesOn(reach, run.notes))
  ) {
    const remedy = 'Go on with --resume. To undo it, re-sequence again from the last good batch.'
    throw new ResequenceRefused('the chain already goes on upon the new blocks: they are published', remedy)
  }
  const { backup } = run.notes
  let words = 'nothing had been changed yet'
  if (isPutBack(run)) words = `the data was put back from copy ${backup} before`
  else {
    await stopNode(reach)
    if (backup !== undefined) ({ run, words } = await putBack(carrier, run, backup))
  }
  reach.say(words)
  if ((await countProcesses(reach)) === 0) await startNode(reach, 'start')
  const last = (await journal.before(run))?.stretch.blocks.at(-1)
  if (last) {
    const hash = await readHash(reach.node, last.number)
    if (hash !== last.hash) {
      throw new StepFailed(
        `block ${last.number} was ${last.hash}, is ${hash ?? 'gone'}`,
        'Stop the node; call for help.',
      )
    }
    reach.say(`block ${last.number} is ${last.hash}, as before`)
  }
  await reach.l1Host.run('start-l1-clients')
  const { stdout } = await reach.l1Host.run('l1-clients')
  if (!/^(active\s*)+$/.test(stdout)) reach.say(`start by hand what sends batches to L1: it is ${stdout.trim()}`)
  await remember(`went back from run ${run.number}: ${words}`)
  return add(carrier, run, { step: 'restore', state: 'ended', words })
}

/** Whether blocks came upon the one that was verified. A node that does not answer publishes none. */
async function goesOn({ node }: Reach, { number, hash }: Notes): Promise<boolean> {
  if (number === undefined) return false
  try {
    return (await readHash(node, BigInt(number))) === hash && (await readTip(node)).number > BigInt(number)
  } catch {
    return false
  }
}

/** The note that the copy is in place: from then on the old chain goes on, and its new blocks are not moved aside. */
const PUT_BACK = 'put-back'

/** Whether this way back was gone so far already, and the run not resumed since. */
function isPutBack({ entries }: Run): boolean {
  const done = entries.findLastIndex(({ notes }) => notes[PUT_BACK] !== undefined)
  return done >= 0 && !entries.slice(done).some(({ state }) => state === 'begun')
}

/** Puts the copy back, in as many processes as that takes; one that failed is begun anew by the next. */
async function putBack(carrier: Carrier, begun: Run, backup: string) {
  const { host, clock, signal, config } = carrier.reach
  let run = begun
  const notes = () => run.notes
  const note = async (more: Notes) => {
    run = await add(carrier, run, { step: RESTORING, state: 'noted', words: '', notes: more })
  }
  const { pollMs } = config.patience
  const patient = longHost({ host, runStep: RESTORING, notes, note, clock, pollMs, signal })
  try {
    const sent = sentOf(run.notes, RESTORING, 'restore')
    const words = await restorePair({ ...carrier.reach, host: patient }, backup, sent)
    await note({ [PUT_BACK]: backup })
    return { run, words }
  } catch (error) {
    if (error instanceof StepFailed) await note(forgetSent(run.notes, RESTORING))
    throw error
  }
}
